// Where a form takes the user that something is wrong with.

/** Focus the first field that is marked as wrong, in whatever is folded, else what says so. */
export function focusFault(form: HTMLElement): void {
  const field = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  const place = field ?? form.querySelector<HTMLElement>('.field-error, .problem');
  place?.closest('details')?.setAttribute('open', '');
  if (place !== field) {
    place?.setAttribute('tabindex', '-1');
  }
  place?.focus();
}
