namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>How the boards fared.</summary>
/// <param name="LatenciesMs">From PUBLISH to PUBACK, in order of size.</param>
/// <param name="Rate">Of what they would have sent with nobody else there: 1 is all.</param>
internal sealed record BoardFigures(List<double> LatenciesMs, double Rate)
{
    public double Percentile(double part) => LatenciesMs[(int)Math.Min(LatenciesMs.Count - 1, LatenciesMs.Count * part)];

    public override string ToString() =>
        FormattableString.Invariant($"{Rate * 100:F0} % of their rate, PUBACK after {Percentile(0.5):F1} ms (median), {Percentile(0.99):F1} ms (99 %), {LatenciesMs[^1]:F0} ms (most)");
}
