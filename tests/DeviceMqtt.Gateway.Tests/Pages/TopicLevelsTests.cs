using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The tree of topics has levels without a name, as MQTT has [MQTT-4.7.3-4]: a topic may begin with a slash, and be nothing else.</summary>
[TestClass]
public sealed class TopicLevelsTests
{
    // The level without a name below the root had the root's own path: a page that opened it went round in it until its stack was full.
    [TestMethod]
    public async Task Topics_WithLevelsWithoutAName_HaveAPathEach()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string[] topics = ["/a", "/", "//", "a", "a/", "a//b"];
        foreach (string topic in topics)
            _ = await console.PublishAsync(topic, $"on {topic}", retain: true);

        Dictionary<string, string?> found = new(StringComparer.Ordinal);
        await WalkAsync(console, await console.GetAsync("topics"), found);

        CollectionAssert.AreEquivalent((string[])["", .. topics], found.Keys.ToArray());
        foreach (string topic in topics)
            Assert.AreEqual($"on {topic}", found[topic]);
        Assert.IsNull(found[""], "no message has an empty topic");
    }

    [TestMethod]
    [DataRow("topics", false), DataRow("topics?parent=", true), DataRow("topics?parent=%2F", true)]
    public async Task Topics_Parent_IsSaidUnlessItIsTheRoot(string path, bool hasParent)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("//x", "deep");

        Assert.AreEqual(hasParent, (await console.GetAsync(path)).TryGetProperty("parent", out _));
    }

    private static async Task WalkAsync(ConsoleUnderTest console, JsonElement level, Dictionary<string, string?> found)
    {
        foreach (JsonElement topic in level.GetProperty("levels").EnumerateArray())
        {
            string path = topic.GetProperty("path").GetString()!;
            Assert.IsTrue(found.TryAdd(path, topic.TryGetProperty("message", out JsonElement message) ? message.GetProperty("text").GetString() : null), $"'{path}' is there twice");
            if (topic.GetProperty("hasChildren").GetBoolean())
                await WalkAsync(console, await console.GetAsync($"topics?parent={Uri.EscapeDataString(path)}"), found);
        }
    }
}
