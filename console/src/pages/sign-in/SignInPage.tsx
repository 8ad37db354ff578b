import "./sign-in.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { Alert, Button, Form, Input } from "antd";
import { answer, api } from "@/api/client";
import type { Me } from "@/api/types";
import { chooseLanguage } from "@/i18n/language";
import { Seal } from "@/kit/Seal";
import { useFilters } from "@/kit/search";
import { wordsOf } from "@/kit/states";
import { keys } from "@/live/invalidate";

interface Pair {
  username: string;
  password: string;
}

/** Where to go after signing in: an address of ours only. */
export function backTo(asked: string | undefined): string {
  if (asked === undefined || !/^\/(?![/\\])/.test(asked) || asked.startsWith("/sign-in"))
    return "/today";
  return asked;
}

export function SignInPage() {
  const { t, i18n } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [{ back }] = useFilters<"back">();
  const signIn = useMutation({
    mutationFn: (pair: Pair) => answer<Me>(api.POST("/api/v1/session", { body: pair })),
    onSuccess: (me) => {
      client.setQueryData(keys.me, me);
      router.history.replace(backTo(back));
    },
  });
  const told = wordsOf(signIn.error);
  const other = i18n.locale === "en" ? "zh" : "en";
  return (
    <main className="sign-in">
      <section className="sign-in-card">
        <div className="sign-in-brand">
          <Seal />
          <h1>
            <Trans>一诺</Trans>
          </h1>
        </div>
        <p className="sign-in-line">
          <Trans>每一单，说到做到。</Trans>
        </p>
        {signIn.error !== null && (
          <Alert
            type="error"
            role="alert"
            title={told?.message ?? t`没有登录成功`}
            description={told?.nextStep}
            style={{ marginBottom: 16 }}
          />
        )}
        <Form<Pair> layout="vertical" requiredMark={false} onFinish={(pair) => signIn.mutate(pair)}>
          <Form.Item
            name="username"
            label={t`用户名`}
            rules={[{ required: true, message: t`请输入用户名` }]}
          >
            <Input size="large" autoComplete="username" autoFocus />
          </Form.Item>
          <Form.Item
            name="password"
            label={t`密码`}
            rules={[{ required: true, message: t`请输入密码` }]}
          >
            <Input.Password size="large" autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
            <Trans>登录</Trans>
          </Button>
        </Form>
        <Button
          type="link"
          className="sign-in-language"
          onClick={() =>
            void chooseLanguage(other).then(() => navigate({ to: ".", replace: true }))
          }
        >
          {other === "en" ? "English" : "中文"}
        </Button>
      </section>
    </main>
  );
}
