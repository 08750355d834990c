namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>What a check of the tree found; a failure lists all of it, so that one run shows everything there is to mend.</summary>
internal static class Findings
{
    public static void AreNone(IEnumerable<string> findings, string reason)
    {
        string[] all = [.. findings];
        Assert.IsTrue(all.Length == 0, $"{reason}:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", all)}");
    }
}
