using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Live;

/// <summary>Readings as the lines of a chart: not more than its pixels can show.</summary>
internal static class Chart
{
    private static readonly long[] Steps = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000];

    /// <summary>Milliseconds that one point stands for, aligned to UTC.</summary>
    public static long StepFor(long spanMs, int points)
    {
        foreach (long step in Steps)
            if (spanMs / step <= points)
                return step;
        return Steps[^1];
    }

    /// <summary>Time, least, mean, greatest, count, late: one line for each step, or each reading when the step is 0.</summary>
    public static List<double[]> Of(IReadOnlyList<Reading> readings, long stepMs)
    {
        List<double[]> lines = [];
        foreach (Reading reading in readings)
        {
            if (stepMs == 0)
            {
                lines.Add([reading.UnixMs, Short(reading.Min), Short(reading.Mean), Short(reading.Max), reading.Count, reading.IsLate ? 1 : 0]);
                continue;
            }

            double at = (reading.UnixMs / stepMs * stepMs) + (stepMs / 2);
            if (lines.Count == 0 || lines[^1][0] < at)
            {
                lines.Add([at, Short(reading.Min), Short(reading.Mean), Short(reading.Max), reading.Count, reading.IsLate ? 1 : 0]);
                continue;
            }

            double[] last = lines[^1];
            double count = last[4] + reading.Count;
            last[1] = Math.Min(last[1], Short(reading.Min));
            last[2] = Short(((last[2] * last[4]) + (reading.Mean * reading.Count)) / count);
            last[3] = Math.Max(last[3], Short(reading.Max));
            last[4] = count;
            last[5] = Math.Max(last[5], reading.IsLate ? 1 : 0);
        }

        return lines;
    }

    // Single precision has seven digits: more would be noise on the wire.
    private static double Short(double value) => double.IsFinite(value) && Math.Abs(value) < 1e9 ? Math.Round(value, 4) : value;
}
