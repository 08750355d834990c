using System.Net;
using System.Text.Json;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>What the API says is done is not undone by a power cut right after the answer.</summary>
[TestClass]
internal sealed class CertaintyTests
{
    private const string Kitchen = "GID_home@@@kitchen";

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)] // what waits is on the disk alone
    public async Task TakeBack_DiskIsSlow_AnsweredWhenAPowerCutDoesNotUndoIt(bool isOnDiskAlone)
    {
        using HeldDisk disk = new(new MemoryStorage());
        MemoryStorage left;
        string[] ids;
        await using (ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(o => o.Limits.WaitingMemoryBytesMax = isOnDiskAlone ? 0 : o.Limits.WaitingMemoryBytesMax, disk))
        {
            ids = await WaitAsync(console);
            JsonElement listed = await console.GetAsync("devices/kitchen/mailbox");
            Assert.AreEqual(string.Join(',', ids), string.Join(',', listed.GetProperty("first").EnumerateArray().Select(static m => m.GetProperty("id").GetString())));
            Assert.AreEqual("ping", listed.GetProperty("first")[0].GetProperty("command").GetString());
            Task held = disk.Hold();
            Task<HttpResponseMessage> answer = console.AskAsync(HttpMethod.Delete, $"devices/kitchen/mailbox/{ids[0]}");
            await Patience.Within(held, "the sync of what takes it back");
            bool isAnswered = answer.IsCompleted;
            disk.LetGo();
            using HttpResponseMessage done = await Patience.Within(answer, "the answer");
            left = disk.Memory.Crash(new Random(1));

            Assert.IsFalse(isAnswered, "answered before the disk has it");
            Assert.AreEqual(HttpStatusCode.OK, done.StatusCode);
        }

        await using ConsoleUnderTest restarted = await ConsoleUnderTest.StartInAsync(disk: left);
        JsonElement mailbox = await restarted.GetAsync("devices/kitchen/mailbox");
        Assert.AreEqual(ids[1], Assert.ContainsSingle(mailbox.GetProperty("first").EnumerateArray()).GetProperty("id").GetString());
    }

    [TestMethod]
    [DataRow("DELETE", "devices/kitchen/mailbox/{0}")]
    [DataRow("DELETE", "retained?topic=t")]
    [DataRow("POST", "messages")]
    [DataRow("POST", "devices/kitchen/commands")]
    public async Task Change_DiskFails_IsAProblemAndNotDone(string method, string path)
    {
        using HeldDisk disk = new(new MemoryStorage());
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(disk: disk);
        string[] ids = await WaitAsync(console);
        using (TcpBoard board = await console.ConnectAsync("somebody"))
            await board.PublishAsync("t", "kept", retain: true);
        Task held = disk.Hold();
        disk.Fault = new IOException("the card is gone");
        object? body = path switch { "messages" => new { topic = "dm/p2p/" + Kitchen, text = "{}", qoS = 1 }, "devices/kitchen/commands" => new { command = "ping", seconds = 3600 }, _ => null };
        Task<HttpResponseMessage> answer = console.AskAsync(new HttpMethod(method), string.Format(System.Globalization.CultureInfo.InvariantCulture, path, ids[0]), body);
        await Patience.Within(held, "the sync of the change");

        disk.LetGo();
        using HttpResponseMessage done = await Patience.Within(answer, "the answer");

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, done.StatusCode, await done.Content.ReadAsStringAsync());
        Assert.AreEqual("application/problem+json", done.Content.Headers.ContentType?.MediaType);
        using HttpResponseMessage again = await Patience.Within(console.AskAsync(HttpMethod.Delete, $"devices/kitchen/mailbox/{ids[1]}"), "the second answer");
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, again.StatusCode, "nothing gets to that disk any more");
        Assert.Contains($"\"{ids[1]}\"", $"{await console.GetAsync("devices/kitchen/mailbox")}", StringComparison.Ordinal, "what cannot be taken back still waits");
    }

    [TestMethod]
    [DataRow(true)] // in the place of an older one, which had a record
    [DataRow(false)]
    public async Task Publish_Retained_IsThereAfterAPowerCut(bool hasOlder)
    {
        using HeldDisk disk = new(new MemoryStorage());
        MemoryStorage left;
        await using (ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(disk: disk))
        {
            if (hasOlder)
                using (TcpBoard board = await console.ConnectAsync("somebody"))
                    await board.PublishAsync("cfg", "old", retain: true);
            using HttpResponseMessage done = await Patience.Within(console.AskAsync(HttpMethod.Post, "messages", new { topic = "cfg", text = "new", qoS = 1, retain = true }), "the answer");
            Assert.AreEqual(HttpStatusCode.OK, done.StatusCode, await done.Content.ReadAsStringAsync());
            left = disk.Memory.Crash(new Random(1));
        }

        await using ConsoleUnderTest restarted = await ConsoleUnderTest.StartInAsync(disk: left);
        JsonElement retained = await restarted.GetAsync("retained?filter=cfg");
        Assert.AreEqual("new", Assert.ContainsSingle(retained.GetProperty("items").EnumerateArray()).GetProperty("text").GetString());
    }

    [TestMethod]
    [DataRow(4096 - 10 - 200, HttpStatusCode.OK)]
    [DataRow(4096 - 200, HttpStatusCode.RequestEntityTooLarge)]
    [DataRow(4096, HttpStatusCode.RequestEntityTooLarge)]
    [DataRow(5000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Publish_LargerThanAPacket_IsAProblemThatSaysSo(int payloadBytes, HttpStatusCode expected)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static o => o.Limits.PacketBytesMax = 4096, new MemoryStorage());
        object body = new { topic = new string('t', 200), text = new string('x', payloadBytes), qoS = 1, retain = true };
        using HttpResponseMessage done = await Patience.Within(console.AskAsync(HttpMethod.Post, "messages", body), "the answer");
        Assert.AreEqual(expected, done.StatusCode, await done.Content.ReadAsStringAsync());
    }

    // Two commands wait for a board that is away.
    private static async Task<string[]> WaitAsync(ConsoleUnderTest console)
    {
        await console.VisitAsync(Kitchen);
        return await console.SendToKitchenAsync("ping", "info");
    }
}
