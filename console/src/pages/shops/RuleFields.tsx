import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { AutoComplete, Button, Form, InputNumber, Select } from "antd";

/** Buffer first, then percent, then the cap: in the order in which they count. */
export function RuleFields() {
  const { t } = useLingui();
  return (
    <fieldset className="shop-rule">
      <legend>
        <Trans>展示规则：先扣保留数，再按比例，再看上限。付了款的订单不受影响。</Trans>
      </legend>
      <div className="shop-triple">
        <Form.Item name={["rule", "buffer"]} label={t`保留数`}>
          <InputNumber min={0} max={1_000_000} precision={0} className="wide" />
        </Form.Item>
        <Form.Item name={["rule", "percent"]} label={t`共享比例（%）`}>
          <InputNumber min={0} max={100} precision={0} className="wide" />
        </Form.Item>
        <Form.Item name={["rule", "most"]} label={t`展示上限`}>
          <InputNumber
            min={0}
            max={1_000_000}
            precision={0}
            placeholder={t`不限`}
            className="wide"
          />
        </Form.Item>
      </div>
    </fieldset>
  );
}

/** Rules of their own for categories and SKUs, each in place of the shop's rule. */
export function Exceptions({ categories }: { categories: string[] }) {
  const { t } = useLingui();
  const form = Form.useFormInstance();
  return (
    <Form.List name="exceptions">
      {(fields, { add, remove }) => (
        <div className="shop-exceptions">
          {fields.map(({ key, name }) => (
            <div key={key} className="shop-exception">
              <Form.Item name={[name, "scope"]} noStyle>
                <Select
                  aria-label={t`例外的种类`}
                  options={[
                    { value: "sku", label: t`商品` },
                    { value: "category", label: t`类目` },
                  ]}
                />
              </Form.Item>
              <Form.Item name={[name, "key"]} noStyle>
                <AutoComplete
                  aria-label={t`商品编码或类目`}
                  placeholder={t`商品编码或类目`}
                  options={
                    form.getFieldValue(["exceptions", name, "scope"]) === "category"
                      ? categories.map((value) => ({ value }))
                      : []
                  }
                />
              </Form.Item>
              <Form.Item name={[name, "buffer"]} noStyle>
                <InputNumber aria-label={t`保留数`} prefix={t`留`} min={0} precision={0} />
              </Form.Item>
              <Form.Item name={[name, "percent"]} noStyle>
                <InputNumber
                  aria-label={t`共享比例（%）`}
                  prefix="%"
                  min={0}
                  max={100}
                  precision={0}
                />
              </Form.Item>
              <Form.Item name={[name, "most"]} noStyle>
                <InputNumber
                  aria-label={t`展示上限`}
                  prefix={t`限`}
                  placeholder={t`不限`}
                  min={0}
                  precision={0}
                />
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t`删除这条例外`}
                onClick={() => remove(name)}
              />
            </div>
          ))}
          <Button
            icon={<PlusOutlined aria-hidden />}
            onClick={() => add({ scope: "sku", key: "", percent: 100, buffer: 0, most: null })}
          >
            <Trans>加一条例外</Trans>
          </Button>
        </div>
      )}
    </Form.List>
  );
}
