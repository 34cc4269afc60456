/** What `decide` answers: the events to record (none when the command was already carried out), or why not. */
export type Decision<Event, Refusal> =
  | { readonly accepted: true; readonly events: readonly Event[] }
  | { readonly accepted: false; readonly refusal: Refusal };

export const accept = <Event>(...events: readonly Event[]): Decision<Event, never> => ({ accepted: true, events });

export const refuse = <Refusal>(refusal: Refusal): Decision<never, Refusal> => ({ accepted: false, refusal });
