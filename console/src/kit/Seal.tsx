/** The product's seal, the only place of its red. */
export function Seal() {
  return (
    <span className="seal" aria-hidden="true">
      诺
    </span>
  );
}
