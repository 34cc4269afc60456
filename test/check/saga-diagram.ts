import {
  INQUIRIES_MAX,
  PIVOT,
  SAGA_STEPS,
  stepAt,
  UNDO_ATTEMPTS_MAX,
  type Step,
} from '../../domain/migration/saga-steps.ts';

/** The protocol of a live migration as a mermaid state diagram and a table, both from `saga-steps.ts`. */
export function sagaDiagram(): string {
  const pivotIndex = SAGA_STEPS.findIndex(({ name }) => name === PIVOT);
  const lines = SAGA_STEPS.flatMap((step, index) => [
    `${step.name} --> ${SAGA_STEPS[index + 1]?.name ?? 'completed'}: succeeded`,
    ...(index <= pivotIndex ? beforeThePoint(step, index) : afterThePoint(step)),
  ]);
  const diagram = [`[*] --> ${stepAt(0).name}`, ...lines, ...undos(), 'completed --> [*]', 'rolledBack --> [*]'];
  return ['```mermaid', 'stateDiagram-v2', ...diagram.map((line) => `  ${line}`), '```', '', ...table()].join('\n');
}

function beforeThePoint(step: Step, index: number): readonly string[] {
  const failed = `${step.name} --> ${undoFrom(index)}: failed`;
  if (step.whenUnknown === 'repeat') return [failed];
  return [
    failed,
    `${step.name} --> ${step.name}: unknown, so both hosts are asked`,
    `${step.name} --> needsOperator: still unknown after ${INQUIRIES_MAX} inquiries`,
  ];
}

function afterThePoint(step: Step): readonly string[] {
  return [
    `${step.name} --> ${step.name}: failed, so tried again`,
    `${step.name} --> needsOperator: failed ${step.attemptsMax} times`,
  ];
}

function undos(): readonly string[] {
  return SAGA_STEPS.flatMap(({ undo }, index) =>
    undo === null
      ? []
      : [`${undo} --> ${undoFrom(index - 1)}: undone`, `${undo} --> needsOperator: failed ${UNDO_ATTEMPTS_MAX} times`],
  ).toReversed();
}

/** The undo that comes next when everything up to `index` is to be undone. */
function undoFrom(index: number): string {
  return SAGA_STEPS.slice(0, index + 1).findLast(({ undo }) => undo !== null)?.undo ?? 'rolledBack';
}

function table(): readonly string[] {
  const rows = SAGA_STEPS.map(({ name, undo, whenUnknown, attemptsMax, why }) => {
    const step = name === PIVOT ? `**\`${name}\`**, the point of no return` : `\`${name}\``;
    return `| ${step} | ${undo === null ? 'none' : `\`${undo}\``} | ${whenUnknown} | ${attemptsMax} | ${why} |`;
  });
  return ['| Step | Undo | Outcome unknown | Attempts | Why it stands here |', '|---|---|---|---|---|', ...rows];
}
