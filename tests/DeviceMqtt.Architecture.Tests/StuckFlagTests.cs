namespace DeviceMqtt.Architecture.Tests;

/// <summary>
/// A flag that says "I am at it" is reset on every way out. The audit's was reset after two kinds of exceptions and stayed set after all others: no change was possible any more. The thread of the
/// sockets would have kept the turn for ever.
/// </summary>
[TestClass]
public sealed class StuckFlagTests
{
    [TestMethod]
    public void Flags_OfTheGateway_AreResetOnEveryWayOut()
    {
        List<string> stuck = [];
        int files = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(GatewayTree.Root, "gateway"), "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(GatewayTree.Root, file);
            if (path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) || path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                continue;
            files++;
            stuck.AddRange(StuckFlags.Find(File.ReadAllText(file)).Select(found => $"{path}: {found}"));
        }

        Assert.IsGreaterThan(500, files);
        Assert.IsEmpty(stuck, $"reset it in a finally: {string.Join(", ", stuck)}");
    }

    [TestMethod]
    [DataRow("_isOn = true; Work(); _isOn = false;", DisplayName = "assigned")]
    [DataRow("owners.IsOn = true; Work(); owners.IsOn = false;", DisplayName = "of another")]
    [DataRow("_ = Interlocked.Exchange(ref _isOn, 1); Work(); _ = Interlocked.Exchange(ref _isOn, 0);", DisplayName = "exchanged")]
    [DataRow("Volatile.Write(ref _isOn, true); Work(); Volatile.Write(ref _isOn, false);", DisplayName = "volatile")]
    [DataRow("_depth++; Work(); _depth--;", DisplayName = "counted")]
    public void Flag_ResetBehindWhatMayThrow_IsFound(string body) => Assert.HasCount(1, StuckFlags.Find(In(body)).ToArray());

    [TestMethod]
    [DataRow("_isOn = true; try { Work(); } finally { _isOn = false; }", DisplayName = "finally")]
    [DataRow("bool isOn = true; Work(); isOn = false;", DisplayName = "local")]
    [DataRow("_isOn = false; Work(); _isOn = true;", DisplayName = "the other way round")]
    [DataRow("_isOn = true; Send(() => { _isOn = false; });", DisplayName = "by another later")]
    public void Flag_ResetOnEveryWayOut_IsNotFound(string body) => Assert.IsEmpty(StuckFlags.Find(In(body)).ToArray());

    private static string In(string body) => $"class A {{ void F() {{ {body} }} }}";
}
