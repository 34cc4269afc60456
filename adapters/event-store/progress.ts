/** Called now and then with how many of how many events are done. */
export type Progress = (done: number, total: number) => void;

/** For whoever does not want to know. */
export const NO_PROGRESS: Progress = () => undefined;
