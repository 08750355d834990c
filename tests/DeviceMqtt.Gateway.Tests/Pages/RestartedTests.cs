using System.Net;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>What was retained before a restart is a device for each request, whatever a page asks for first.</summary>
[TestClass]
public sealed class RestartedTests
{
    // The end points that did not wait for what is retained said 404, until somebody opened the list.
    [TestMethod]
    [DataRow("GET", "devices/kitchen")]
    [DataRow("GET", "devices/kitchen/mailbox")]
    [DataRow("GET", "devices/kitchen/commands")]
    [DataRow("DELETE", "devices/kitchen")]
    public async Task Device_AskedForFirst_IsThere(string method, string path)
    {
        string data = await RunOnceAsync();
        try
        {
            await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(options => options.Data = data);

            using HttpResponseMessage answer = await console.AskAsync(new HttpMethod(method), path);

            Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
        }
    }

    private static async Task<string> RunOnceAsync()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync(keepsFolder: true);
        using TcpBoard board = await console.ConnectAsync("kitchen");
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth("kitchen"), retain: true);
        return console.Options.Data;
    }
}
