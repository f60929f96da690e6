// Must be imported first: the clock of this process is off by CLOCK_SHIFT milliseconds.
const RealDate = Date;
const now = () => RealDate.now() + Number(process.env.CLOCK_SHIFT ?? 0);

class OtherDate extends RealDate {
  public static now(): number {
    return now();
  }

  constructor(...args: [] | ConstructorParameters<DateConstructor>) {
    super(...(args.length === 0 ? [now()] : args) as [number]);
  }
}

globalThis.Date = OtherDate as DateConstructor;
