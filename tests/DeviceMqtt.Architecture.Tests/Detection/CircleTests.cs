namespace DeviceMqtt.Architecture.Tests.Detection;

[TestClass]
public sealed class CircleTests
{
    [TestMethod]
    [DataRow("a>b b>c", "", DisplayName = "none")]
    [DataRow("a>a", "", DisplayName = "a node that names itself is none")]
    [DataRow("a>b b>a", "ab", DisplayName = "a pair")]
    [DataRow("a>b b>c c>a c>d", "abc", DisplayName = "a round")]
    [DataRow("a>b b>a b>c c>d d>e e>c", "cde ab", DisplayName = "two, the larger one first")]
    [DataRow("a>b b>c c>a c>d d>c", "abcd", DisplayName = "two that share a node are one")]
    public void Circles_AreFound(string arrows, string circles) =>
        Assert.AreEqual(circles, string.Join(' ', Circle.Find("abcde", Parse(arrows)).Select(circle => string.Concat(circle))));

    [TestMethod]
    [DataRow("a>b b>c", "cdeba")]
    [DataRow("a>b b>a e>a c>e", "abdec")]
    [DataRow("", "abcde")]
    public void Nodes_StandFromTheBottomToTheTop(string arrows, string nodes) =>
        Assert.AreEqual(nodes, string.Concat(Circle.BottomToTop("abcde".ToArray(), Parse(arrows))));

    private static (char From, char To)[] Parse(string arrows) =>
        [.. arrows.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(arrow => (arrow[0], arrow[2]))];
}
