using System.Globalization;
using System.Threading.Channels;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>What stands under the sign "Live" is so: after a tab was hidden, after the stream could not tell all, and while answers are on their way.</summary>
[TestClass]
public sealed class TruthTests
{
    private const string Sign = ".live-sign";
    private const string Born = """{"id":"shed","fw":"1.0.0","cmd":["relay.set! on:b","siren.set! on:b"]}""";
    private const string BornAnew = """{"id":"shed","fw":"2.0.0","cmd":["relay.set! on:b"]}""";

    // Each page with what it asks for. It is held back, so that a page that polls does not look as if it had looked anew.
    [TestMethod]
    [DataRow("/devices", "**/api/v1/devices?*")]
    [LongDataRow("/devices/shed", "**/api/v1/devices/shed?*")]
    [DataRow("/devices/shed", "**/api/v1/devices/shed/readings?*")]
    [LongDataRow("/devices/shed/commands", "**/api/v1/devices/shed/commands?*")]
    [DataRow("/devices/shed/commands", "**/api/v1/devices/shed/mailbox?*")]
    [LongDataRow("/messages", "**/api/v1/topics*")]
    [LongDataRow("/messages/retained", "**/api/v1/retained?*")]
    [LongDataRow("/messages/trace", "**/api/v1/trace?*")]
    [DataRow("/relay", "**/api/v1/relay")]
    [LongDataRow("/health", "**/api/v1/health")]
    [LongDataRow("/health/clients", "**/api/v1/clients?*")]
    [LongDataRow("/health/log", "**/api/v1/log")]
    [LongDataRow("/users", "**/api/v1/users")]
    [LongDataRow("/settings", "**/api/v1/settings")]
    public async Task Resync_Comes_PageLooksAnewBeforeItIsLive(string path, string asks)
    {
        await using Visitor visitor = await LookAtAsync(path);
        await ExpectLiveAsync(visitor);
        using Held held = await Held.BackAsync(visitor.Page, asks);

        _ = await visitor.Page.EvaluateAsync("() => window.streams.at(-1).dispatchEvent(new MessageEvent('resync', { data: '{}' }))");

        // It is asked, and not answered: the page does not say that it is live.
        await held.AskedAsync();
        Assert.DoesNotContain("Live", await SignNowAsync(visitor), StringComparison.Ordinal);
        await held.LetGoAsync();
        await ExpectLiveAsync(visitor);
    }

    // The stream is closed after a minute, and what comes then tells nothing of what was missed.
    [TestMethod]
    public async Task Device_TabHiddenForLong_ShowsWhatIsSoNow()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);
        await HideAsync(visitor);
        await AdvanceAsync(visitor, seconds: 61);
        _ = await visitor.Page.WaitForFunctionAsync("() => window.streams.at(-1).readyState === EventSource.CLOSED");

        // Another page is told of it meanwhile: this one will not be.
        _ = await visitor.Page.EvaluateAsync("() => new Promise((done) => { window.other = new window.Plain('/api/v1/stream'); window.other.addEventListener('tick', done, { once: true }) })");
        Task told = visitor.Page.EvaluateAsync("() => new Promise((done) => window.other.addEventListener('states', done, { once: true }))");
        visitor.Publish("dm/shed/info", BornAnew);
        await told;
        await ShowAsync(visitor);

        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();
        await ExpectLiveAsync(visitor);
    }

    // The stream is open, and the page draws nothing while nobody sees it.
    [TestMethod]
    public async Task Device_TabHiddenForAWhile_ShowsWhatIsSoNow()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);
        await HideAsync(visitor);
        Task told = visitor.Page.EvaluateAsync("() => new Promise((done) => window.streams.at(-1).addEventListener('states', done, { once: true }))");
        visitor.Publish("dm/shed/info", BornAnew);
        await told;
        _ = await visitor.Page.EvaluateAsync("() => new Promise((drawn) => setTimeout(drawn, 200))"); // longer than the page waits for more of the same second

        await ShowAsync(visitor);

        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();
    }

    // More than 256 KB of states: each page is told to load anew instead.
    [TestMethod]
    public async Task Device_ThousandsChangeWithIt_ShowsWhatIsSoNow()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);

        using (Turn.Scope scope = visitor.Host.Broker.Turn.Enter())
        {
            for (int i = 0; i < 3_000; i++)
                PublishInside(visitor, $"dm/board-{i}/tele/climate", """{"n":1,"temp":20}""");
            PublishInside(visitor, "dm/shed/info", BornAnew);
        }

        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Device_TwoAnswersInTheWrongOrder_TheNewerStays()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);
        Channel<IRoute> asked = Channel.CreateUnbounded<IRoute>();
        await visitor.Page.RouteAsync("**/api/v1/devices/shed?*", route => asked.Writer.TryWrite(route));
        visitor.Publish("dm/shed/evt/door", """{"n":1,"open":true}""");
        IRoute first = await asked.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);
        IAPIResponse old = await first.FetchAsync();
        visitor.Publish("dm/shed/info", BornAnew);
        IRoute second = await asked.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);
        await second.ContinueAsync();
        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();

        _ = await visitor.Page.RunAndWaitForResponseAsync(() => first.FulfillAsync(new() { Response = old }), static response => response.Url.Contains("/devices/shed?", StringComparison.Ordinal));
        _ = await visitor.Page.EvaluateAsync("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");

        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Device_Forgotten_PageSaysSo()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);
        _ = await visitor.AskAsync("DELETE", "devices/shed");
        await Assertions.Expect(visitor.Page.GetByText("No device is called shed")).ToBeVisibleAsync();
    }

    // Rows of hours ago, and a gateway that does not answer.
    [TestMethod]
    public async Task Devices_BackAfterHoursAndNoAnswer_AreNotCalledLive()
    {
        await using Visitor visitor = await LookAtAsync("/devices");
        visitor.ExpectsCuts = true;
        await ExpectLiveAsync(visitor);
        await HideAsync(visitor);
        await AdvanceAsync(visitor, seconds: 7_200);
        _ = await visitor.Page.WaitForFunctionAsync("() => window.streams.at(-1).readyState === EventSource.CLOSED");
        using Held held = await Held.BackAsync(visitor.Page, "**/api/v1/**");

        await ShowAsync(visitor);

        Assert.DoesNotContain("Live", await SignNowAsync(visitor), StringComparison.Ordinal);
        await Assertions.Expect(visitor.Page.Locator("html")).ToHaveClassAsync("stale");
        await Assertions.Expect(visitor.Page.GetByText("Not live.")).ToBeVisibleAsync();
        await held.LetGoAsync();
        await ExpectLiveAsync(visitor);
    }

    // A machine that slept, a network that is another one: the connection is dead, and nobody tells the page.
    [TestMethod]
    public async Task Stream_SaysNothingMore_IsOpenedAnew()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        visitor.ExpectsCuts = true;
        await ExpectLiveAsync(visitor);
        int opened = await visitor.Page.EvaluateAsync<int>("() => window.streams.length");

        _ = await visitor.Page.EvaluateAsync("() => window.streams.at(-1).mute()");

        await Assertions.Expect(visitor.Page.GetByText("Not live.")).ToBeVisibleAsync();
        _ = await visitor.Page.WaitForFunctionAsync("(before) => window.streams.length > before", opened);
        await ExpectLiveAsync(visitor);
    }

    [TestMethod]
    public async Task Command_NewBirthLacksTheChosenOne_NoOtherIsSent()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed");
        await ExpectLiveAsync(visitor);
        ILocator command = visitor.Page.Locator("form.command select").First;
        ILocator send = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true });
        _ = await command.SelectOptionAsync("siren.set");
        await visitor.Page.GetByRole(AriaRole.Switch).ClickAsync();
        await Assertions.Expect(send).ToBeEnabledAsync();

        visitor.Publish("dm/shed/info", BornAnew);
        await Assertions.Expect(visitor.Page.GetByText("2.0.0")).ToBeVisibleAsync();

        await Assertions.Expect(command).ToHaveValueAsync("siren.set");
        await Assertions.Expect(send).ToBeDisabledAsync();
        await Assertions.Expect(visitor.Page.GetByText("The board does not name siren.set any more")).ToBeVisibleAsync();
        _ = await command.SelectOptionAsync("relay.set");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Switch)).ToHaveAttributeAsync("aria-checked", "false"); // nothing of the other one
        await Assertions.Expect(send).ToBeEnabledAsync();
    }

    // Somebody else switches it while the hand is on its way to Send.
    [TestMethod]
    public async Task Command_StateChanges_WhatStandsInTheFormStays()
    {
        await using Visitor visitor = await LookAtAsync("/devices/shed", """{"id":"shed","fw":"1.0.0","cmd":["relay.set! on:b@relay.on"]}""");
        visitor.Publish("dm/shed/evt/relay", """{"n":1,"on":false}""");
        await visitor.GoAsync("/devices/shed");
        await Assertions.Expect(visitor.Page.GetByText("(now off)")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Switch)).ToHaveAttributeAsync("aria-checked", "true");

        visitor.Publish("dm/shed/evt/relay", """{"n":2,"on":true}""");

        await Assertions.Expect(visitor.Page.GetByText("(now on)")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Switch)).ToHaveAttributeAsync("aria-checked", "true");
    }

    // With a clock that the test moves, a tab that the test hides, and the streams that the page has opened.
    private static async Task<Visitor> LookAtAsync(string path, string birth = Born)
    {
        Visitor visitor = await Visitor.ComeInAsync();
        visitor.Publish("dm/shed/info", birth);
        visitor.Publish("dm/shed/tele/climate", """{"n":1,"temp":20}""");
        await visitor.Page.AddInitScriptAsync("""
            window.ahead = 0
            const running = performance.now.bind(performance), wall = Date.now.bind(Date)
            performance.now = () => running() + window.ahead
            Date.now = () => wall() + window.ahead
            window.isHidden = false
            Object.defineProperty(document, 'hidden', { get: () => window.isHidden })
            Object.defineProperty(document, 'visibilityState', { get: () => window.isHidden ? 'hidden' : 'visible' })
            window.streams = []
            const Plain = window.Plain = window.EventSource
            window.EventSource = class extends Plain {
                constructor(...rest) { super(...rest); this.isMute = false; if (String(rest[0]).endsWith('/stream')) window.streams.push(this) }
                addEventListener(type, listener, ...rest) { super.addEventListener(type, (e) => this.isMute || listener(e), ...rest) }
                mute() { this.isMute = true }
            }
            """);
        await visitor.GoAsync(path);
        return visitor;
    }

    private static Task ExpectLiveAsync(Visitor visitor) => Assertions.Expect(visitor.Page.Locator(Sign)).ToContainTextAsync("Live");

    private static async Task<string> SignNowAsync(Visitor visitor) =>
        await visitor.Page.EvaluateAsync<string>("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(document.querySelector('.live-sign').textContent))))");

    private static async Task AdvanceAsync(Visitor visitor, int seconds) => _ = await visitor.Page.EvaluateAsync(string.Create(CultureInfo.InvariantCulture, $"() => {{ window.ahead += {seconds * 1000} }}"));

    private static async Task HideAsync(Visitor visitor) => _ = await visitor.Page.EvaluateAsync("() => { window.isHidden = true; document.dispatchEvent(new Event('visibilitychange')) }");

    private static async Task ShowAsync(Visitor visitor) => _ = await visitor.Page.EvaluateAsync("() => { window.isHidden = false; document.dispatchEvent(new Event('visibilitychange')) }");

    private static void PublishInside(Visitor visitor, string topic, string payload)
    {
        Publication publication = new() { Route = visitor.Host.Broker.Routes.Get(topic), QoS = QoS.AtLeastOnce, Payload = System.Text.Encoding.UTF8.GetBytes(payload), Origin = Origin.Gateway, NowMs = visitor.Host.Broker.Turn.NowMs };
        _ = visitor.Host.Broker.Publish(ref publication);
    }

    /// <summary>What the page asks and gets no answer to before the test lets it go.</summary>
    private sealed class Held : IDisposable
    {
        private readonly Channel<IRoute> _asked = Channel.CreateUnbounded<IRoute>();
        private readonly List<IRoute> _waiting = [];
        private bool _isOver;

        public static async Task<Held> BackAsync(IPage page, string asks)
        {
            Held held = new();
            await page.RouteAsync(asks, held.TakeAsync);
            return held;
        }

        public async Task AskedAsync() => await _asked.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

        public async Task LetGoAsync()
        {
            IRoute[] waiting;
            lock (_waiting)
            {
                _isOver = true;
                waiting = [.. _waiting];
                _waiting.Clear();
            }

            foreach (IRoute route in waiting)
                await ContinueAsync(route);
        }

        public void Dispose() => _asked.Writer.TryComplete();

        private Task TakeAsync(IRoute route)
        {
            lock (_waiting)
            {
                if (!_isOver)
                {
                    _waiting.Add(route);
                    _ = _asked.Writer.TryWrite(route);
                    return Task.CompletedTask;
                }
            }

            return ContinueAsync(route);
        }

        // The page may have given up what it asked.
        private static async Task ContinueAsync(IRoute route)
        {
            try
            {
                await route.ContinueAsync();
            }
            catch (PlaywrightException exception) when (exception.Message.Contains("already handled", StringComparison.Ordinal) || exception.Message.Contains("closed", StringComparison.Ordinal) || exception.Message.Contains("Invalid InterceptionId", StringComparison.Ordinal))
            {
                // Nobody waits for it.
            }
        }
    }
}
