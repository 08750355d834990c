namespace DeviceMqtt.Benchmarks.Report;

/// <summary>A point of a curve: what is drawn, against how many of what.</summary>
internal sealed record CurvePlace(string Curve, string Things, long Count);
