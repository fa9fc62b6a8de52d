// Times in form fields: `datetime-local` has the reader's own zone and minutes, the API UTC and milliseconds.

/** The value of a `datetime-local` field for a time of the API. */
export function localTimeOf(at: string): string {
  const time = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = [String(time.getFullYear()).padStart(4, '0'), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The API's time for the value of a `datetime-local` field; undefined for what is no time. */
export function timeFromLocal(value: string): string | undefined {
  const time = new Date(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/u.test(value) && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
