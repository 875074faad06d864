/** Where the stored judgement of a check stands, without the judgement itself. */
export interface JudgedHead {
  readonly epoch: number;
  readonly cursorMs: number;
  /** Grows whenever something is found to have changed behind the cursor, and when that is judged anew. */
  readonly revision: number;
}
