namespace DeviceMqtt.Benchmarks.Report;

/// <summary>A figure with as many digits as a reader wants.</summary>
internal static class Figure
{
    /// <summary>Empty where there is none.</summary>
    public static string Text(double value) => Math.Abs(value) switch
    {
        double.NaN => "",
        >= 100 => value.ToString("N0"),
        >= 10 => value.ToString("N1"),
        _ => value.ToString("N2"),
    };
}
