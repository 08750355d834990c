namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One peer's points in a panel.</summary>
internal sealed record CurveLine(string Colour, IReadOnlyList<(double X, double Y)> Points);
