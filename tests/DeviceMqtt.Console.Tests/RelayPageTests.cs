using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>The page of the upstreams, while one is away.</summary>
[TestClass]
public sealed class RelayPageTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Upstream_Away_SaysWhenItIsTriedAndTriesAtAWord(bool isPhone)
    {
        int port = FreePorts.Take();
        await using Visitor visitor = await Visitor.ComeInAsync(options => options.Upstream = $"mqtt://127.0.0.1:{port}", isPhone);
        await visitor.GoAsync("/relay");
        await Assertions.Expect(visitor.Page.GetByText("Next try in")).ToBeVisibleAsync();
        await visitor.ExpectNoSidewaysScrollAsync("/relay");
        using TcpListener upstream = new(IPAddress.Loopback, port);
        upstream.Start();

        IResponse answer = await visitor.Page.RunAndWaitForResponseAsync(
            () => visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync(), static response => response.Url.EndsWith("/try", StringComparison.Ordinal));

        Assert.AreEqual(200, answer.Status);
        using TcpClient tried = await upstream.AcceptTcpClientAsync().WaitAsync(Patience.Limit);
        // It has a connection and no CONNACK yet.
        await Assertions.Expect(visitor.Page.GetByText("It is being tried now").First).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" })).ToBeDisabledAsync();
    }

    [TestMethod]
    public async Task Upstream_AwayForAMonitor_ButtonIsOff()
    {
        await using Visitor visitor = await Visitor.ComeInAsync(static options => options.Upstream = $"mqtt://127.0.0.1:{FreePorts.Take()}");
        _ = await visitor.AskAsync("PUT", "users", """{"name":"max","role":"monitor","password":"only looking"}""");
        await visitor.LogInAsync("max", "only looking");
        await visitor.GoAsync("/relay");

        await Assertions.Expect(visitor.Page.GetByText("Next try in")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" })).ToBeDisabledAsync();
    }
}
