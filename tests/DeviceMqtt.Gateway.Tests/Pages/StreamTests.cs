using System.Net;
using System.Text.Json;
using DeviceMqtt.Gateway.Live;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>What changes is told as Server-Sent Events.</summary>
[TestClass]
public sealed class StreamTests
{
    [TestMethod]
    public async Task Stream_DeviceComes_StateIsTold()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using EventReader stream = await EventReader.OpenAsync(console, "stream");
        _ = await stream.NextAsync("tick");
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");

        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("GID_home@@@kitchen"), retain: true);

        (JsonElement states, string id) = await stream.NextAsync("states");
        Assert.AreEqual("online", states[0].GetProperty("state").GetString());
        Assert.AreNotEqual("", id);
    }

    [TestMethod]
    public async Task Stream_Resumed_GetsWhatItMissed()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using EventReader other = await EventReader.OpenAsync(console, "stream");
        _ = await other.NextAsync("tick");
        using TcpBoard kitchen = await console.ConnectAsync("GID_home@@@kitchen");
        await kitchen.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("GID_home@@@kitchen"), retain: true);
        (_, string lastId) = await other.NextAsync("states");
        using TcpBoard attic = await console.ConnectAsync("GID_home@@@attic");
        await attic.PublishAsync("dm/attic/info", ConsoleUnderTest.Birth("GID_home@@@attic"), retain: true);
        (_, _) = await other.NextAsync("states");

        using EventReader resumed = await EventReader.OpenAsync(console, "stream", lastId);

        (JsonElement states, _) = await resumed.NextAsync("states");
        Assert.AreEqual("attic", states[0].GetProperty("name").GetString());
    }

    // A page that was away for a moment went on showing a device that had been forgotten meanwhile.
    [TestMethod]
    public async Task Stream_ResumedAfterADeviceWasForgotten_BeginsAnew()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using EventReader other = await EventReader.OpenAsync(console, "stream");
        _ = await other.NextAsync("tick");
        using (TcpBoard kitchen = await console.ConnectAsync("GID_home@@@kitchen"))
            await kitchen.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("GID_home@@@kitchen"), retain: true);
        (JsonElement states, string lastId) = await other.NextAsync("states");
        while (states[0].GetProperty("state").GetString() == "online")
            (states, lastId) = await other.NextAsync("states");
        _ = await console.SendAsync(HttpMethod.Delete, "devices/kitchen");
        _ = await other.NextAsync("resync");

        using EventReader resumed = await EventReader.OpenAsync(console, "stream", lastId);

        _ = await Patience.Within(resumed.NextAsync("resync"), "the word to begin anew");
    }

    [TestMethod]
    public async Task Stream_ManyPagesOfOneUser_LeaveRoomForAnother()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static o => o.Limits.HttpConnectionsMax = 1_000);
        using Person person = await Person.LogInAsync(console, "eve", "monitor");
        List<HttpResponseMessage> open = [];
        for (int i = 0; i < StreamHub.PagesOfUserMax; i++)
            open.Add(await person.Client.GetAsync(new Uri("/api/v1/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead));

        using HttpResponseMessage beyond = await person.Client.GetAsync(new Uri("/api/v1/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, beyond.StatusCode);
        using EventReader stream = await EventReader.OpenAsync(console, "stream");
        _ = await stream.NextAsync("seat");
        foreach (HttpResponseMessage answer in open)
        {
            Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }

    [TestMethod]
    public async Task Stream_UnknownId_BeginsAnew()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        using EventReader stream = await EventReader.OpenAsync(console, "stream", "deadbeef-7");

        _ = await stream.NextAsync("resync");
    }

    // Between the list that a page has and the first look of the stream nobody looks: whatever changes there, the page has to be told to ask again, and may not get what was found before.
    [TestMethod]
    public async Task Stream_DeviceComesBetweenListAndFirstLook_ListThatIsAskedForAgainHasIt()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        Assert.AreEqual(0, (await console.GetAsync("devices")).GetProperty("total").GetInt32());
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("GID_home@@@kitchen"), retain: true);

        using EventReader stream = await EventReader.OpenAsync(console, "stream");

        _ = await stream.NextAsync("resync");
        Assert.AreEqual(1, (await console.GetAsync("devices")).GetProperty("total").GetInt32());
    }

    [TestMethod]
    public async Task Stream_ReadingOfADeviceInView_IsTold()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("GID_home@@@kitchen"), retain: true);
        using EventReader stream = await EventReader.OpenAsync(console, "stream");
        string seat = (await stream.NextAsync("seat")).Data.GetString()!;
        _ = await console.SendAsync(HttpMethod.Post, $"stream/{seat}/view", new { devices = new[] { "dm/kitchen" } });
        _ = await stream.NextAsync("tick");

        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":21.5}""");

        (JsonElement rows, _) = await stream.NextAsync("rows");
        Assert.AreEqual(21.5, rows[0].GetProperty("readings")[0].GetProperty("value").GetDouble());
    }

    [TestMethod]
    public void View_NameWithoutAPrefix_IsTheDeviceBelowTheUsualOne() =>
        CollectionAssert.AreEqual((string[])["dm/kitchen", "x/attic"], DeviceMqtt.Gateway.Live.StreamView.Of(["kitchen", "dm/kitchen", "x/attic"]).Devices.Select(static d => $"{d.Prefix}/{d.Name}").ToArray());

    // Each gets what it has in view, and both of the same rows the same bytes.
    [TestMethod]
    public async Task Stream_PagesWithOtherDevicesInView_EachGetsItsOwn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");
        await board.PublishAsync("dm/attic/tele/climate", """{"n":1,"temp":10}""");
        List<EventReader> streams = [];
        foreach (string[] view in (string[][])[["dm/kitchen"], ["dm/kitchen"], ["dm/attic"]])
        {
            EventReader stream = await EventReader.OpenAsync(console, "stream");
            streams.Add(stream);
            string seat = (await stream.NextAsync("seat")).Data.GetString()!;
            _ = await console.SendAsync(HttpMethod.Post, $"stream/{seat}/view", new { devices = view });
        }

        _ = await streams[^1].NextAsync("tick");
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":2,"temp":21.5}""");
        await board.PublishAsync("dm/attic/tele/climate", """{"n":2,"temp":11.5}""");

        string[] expected = ["kitchen 21.5", "kitchen 21.5", "attic 11.5"];
        for (int i = 0; i < streams.Count; i++)
        {
            (JsonElement rows, _) = await streams[i].NextAsync("rows");
            Assert.AreEqual(expected[i], string.Join(", ", rows.EnumerateArray().Select(static row => $"{row.GetProperty("name").GetString()} {row.GetProperty("readings")[0].GetProperty("value")}")));
            streams[i].Dispose();
        }
    }

    [TestMethod]
    public async Task Watch_OfAFilter_GetsItsMessages()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using EventReader watch = await EventReader.OpenAsync(console, "messages?filter=house%2F%2B");

        _ = await console.PublishAsync("other/x", "no");
        _ = await console.PublishAsync("house/light", "on");

        (JsonElement message, _) = await watch.NextAsync("message");
        Assert.AreEqual(("house/light", "on"), (message.GetProperty("topic").GetString(), message.GetProperty("text").GetString()));
    }
}
