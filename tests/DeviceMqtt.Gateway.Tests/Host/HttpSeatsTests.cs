using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>Nobody has more than a share of the HTTP connections, and those that say nothing keep nobody out.</summary>
[TestClass]
internal sealed class HttpSeatsTests
{
    private readonly RecordingLog _log = new();
    private readonly FakeTime _time = new();
    private HandshakeLines _lines = null!;
    private HttpSeats _seats = null!;

    [TestInitialize]
    public void Make() => Make(100);

    private void Make(int max, params string[] proxies)
    {
        SecurityOptions security = new();
        security.TrustedProxies.AddRange(proxies);
        _lines = new HandshakeLines(_log, _time);
        _seats = new HttpSeats(new GatewayLimits { HttpConnectionsMax = max }, new TrustedProxies(security), _lines, _time);
    }

    // One machine has as many addresses of IPv6 as it likes: with a few of them it had all connections, and nobody got to the page.
    [TestMethod]
    [DataRow("2001:db8::{0}", 25)]
    [DataRow("2001:db8:{0}::1", 40)]
    [DataRow("192.0.2.{0}", 40)]
    [DataRow("::ffff:192.0.2.{0}", 40)]
    public void Connections_OfOneNetwork_AQuarter(string form, int stay)
    {
        Visitor[] all = [.. Enumerable.Range(1, 40).Select(i => Visit(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, i)))];

        Assert.AreEqual(stay, all.Count(static visitor => visitor.IsThere));
        Assert.IsTrue(all[^1].IsThere, "the last to come takes the place of another one of its address");
        Assert.AreEqual(40 - stay, _lines.RefusedCount);
    }

    [TestMethod]
    public void Seats_TakenByFortyAddresses_NewcomerTakesTheQuietestOneOfACrowd()
    {
        Visitor[] strangers = [.. Enumerable.Range(0, 100).Select(i => Visit($"203.0.{i % 40}.1"))];
        Assert.IsTrue(strangers.All(static stranger => stranger.IsThere));
        Visitor newcomer = Visit("192.0.2.7");

        Assert.IsTrue(newcomer.IsThere);
        Assert.IsFalse(strangers[0].IsThere, "of the addresses that have three, it has been quiet for longest");
        Assert.AreEqual(99, strangers.Count(static stranger => stranger.IsThere));

        // They come again and again, and the one who has one connection keeps it.
        for (int i = 0; i < 1_000; i++)
        {
            Assert.IsTrue(Visit($"203.0.{i % 40}.1").IsThere);
            Assert.IsTrue(newcomer.IsThere, $"after {i}");
        }

        Assert.IsNotEmpty(_log.Lines);
        Assert.IsLessThanOrEqualTo(20, _log.Lines.Count, "so many lines a minute");
    }

    [TestMethod]
    public void Seats_TakenByManyAddressesOfOneNetwork_AnotherNetworkGoesLast()
    {
        Visitor other = Visit("192.0.2.7");
        for (int i = 0; i < 200; i++)
            Assert.IsTrue(Visit($"203.0.113.{i}").IsThere);
        Assert.IsTrue(other.IsThere);
    }

    [TestMethod]
    public async Task Seats_OneLoggedInHasAStream_StrangersDoNotThrowItOut()
    {
        Make(4);
        Visitor page = Visit("192.0.2.7");
        TaskCompletionSource stream = new();
        Task answering = page.Ask(stream.Task, isIn: true);
        for (int i = 0; i < 20; i++)
            Assert.IsTrue(Visit($"203.0.{i}.1").IsThere);
        Assert.IsTrue(page.IsThere);

        stream.SetResult();
        await answering;
        for (int i = 0; i < 20; i++)
            Assert.IsTrue(Visit($"203.0.{i}.1").IsThere);
        Assert.IsTrue(page.IsThere, "there are strangers that go before it");
    }

    // The open pages of an operator made a crowd of its address, and its next connection was closed for strangers.
    [TestMethod]
    public async Task Seats_OneLoggedInHasManyPages_ItsNextConnectionIsNoCrowd()
    {
        TaskCompletionSource streams = new();
        for (int i = 0; i < 15; i++)
            _ = Visit("192.0.2.7").Ask(streams.Task, isIn: true);
        for (int i = 0; i < 85; i++)
            Assert.IsTrue(Visit($"203.0.{i % 40}.1").IsThere);
        Visitor next = Visit("192.0.2.7");
        for (int i = 0; i < 500; i++)
        {
            Assert.IsTrue(Visit($"203.0.{i % 40}.1").IsThere);
            Assert.IsTrue(next.IsThere, $"after {i}");
        }

        await next.Ask(Task.CompletedTask, isIn: true);
        streams.SetResult();
    }

    [TestMethod]
    public async Task Seats_AllOfThoseLoggedIn_AnIdleOneGoesAndThenNone()
    {
        Make(4);
        Visitor[] pages = [.. Enumerable.Range(0, 4).Select(i => Visit($"192.0.{i}.7"))];
        TaskCompletionSource streams = new();
        for (int i = 0; i < 3; i++)
            _ = pages[i].Ask(streams.Task, isIn: true);
        await pages[3].Ask(Task.CompletedTask, isIn: true);
        Visitor newcomer = Visit("198.51.100.1");
        Assert.IsTrue(newcomer.IsThere);
        Assert.IsFalse(pages[3].IsThere);
        _ = newcomer.Ask(streams.Task, isIn: true);

        Assert.IsFalse(Visit("198.51.100.2").IsThere);
        Assert.IsTrue(pages[..3].All(static page => page.IsThere));
        streams.SetResult();
    }

    // Four addresses of one monitor, each with requests that it does not take the answers of, had all connections: no operator got to the page.
    [TestMethod]
    public void Seats_AllAtWorkForMonitors_OneOfWhoHasMostGoesForTheNewcomer()
    {
        Make(8);
        TaskCompletionSource streams = new();
        Visitor[] pages = [.. Enumerable.Range(0, 8).Select(i => Visit($"192.0.{i / 2}.7"))];
        _ = pages[0].Ask(streams.Task, isIn: true);
        _ = pages[1].Ask(streams.Task, isIn: true, "mona", isOperator: false);
        foreach (Visitor page in pages[2..])
            _ = page.Ask(streams.Task, isIn: true, "eve", isOperator: false);

        Visitor newcomer = Visit("198.51.100.1");
        Assert.IsTrue(newcomer.IsThere);
        Assert.IsFalse(pages[2].IsThere, "of the user that has most, the one that was at it for longest");
        _ = newcomer.Ask(streams.Task, isIn: true);
        Assert.AreEqual(7, pages.Count(static page => page.IsThere));

        // A stranger has the one place that is made, and no other goes for the next.
        Visitor stranger = Visit("198.51.100.2");
        for (int i = 3; i < 20; i++)
            Assert.IsTrue(Visit($"198.51.{i}.2").IsThere);
        Assert.IsFalse(stranger.IsThere);
        Assert.AreEqual(6, pages.Count(static page => page.IsThere));
        Assert.IsTrue(pages[0].IsThere && pages[1].IsThere);
        streams.SetResult();
    }

    [TestMethod]
    public void Seats_ThrownOutDoNotEnd_FewMoreThanTheLimitAreThere()
    {
        Make(8);
        Visitor[] all = [.. Enumerable.Range(0, 20).Select(i => Visit($"203.0.{i}.1", endsWhenClosed: false))];

        Assert.AreEqual(12, all.Count(static visitor => visitor.WasServed), "half as many more");
        Assert.IsTrue(all[11].IsThere);
        Assert.IsFalse(Visit("203.0.11.1").WasServed);
        all[0].End();
        Assert.IsFalse(Visit("203.0.11.1").WasServed, "it has one here, and three are ending");
        Assert.IsTrue(Visit("192.0.2.1").WasServed);
    }

    [TestMethod]
    public async Task Seats_ATrustedProxy_HasNoShare()
    {
        Make(100, "10.0.0.1/32");
        Visitor[] all = [.. Enumerable.Range(0, 60).Select(_ => Visit("10.0.0.1"))];
        Assert.IsTrue(all.All(static visitor => visitor.IsThere));
        for (int i = 0; i < 200; i++)
            Assert.IsTrue(Visit($"203.0.{i % 20}.1").IsThere);
        Assert.IsTrue(all.All(static visitor => visitor.IsThere), "others have more of their own");
        await all[0].Ask(Task.CompletedTask, isIn: false);
    }

    [TestMethod]
    public void Upgraded_Connection_CountsNoMore()
    {
        Make(4);
        for (int i = 0; i < 20; i++)
        {
            Visitor visitor = Visit("192.0.2.7");
            visitor.Upgrade();
            Assert.IsTrue(visitor.IsThere);
        }

        Assert.AreEqual(0, _lines.RefusedCount);
    }

    private Visitor Visit(string address, bool endsWhenClosed = true)
    {
        Visitor visitor = new(_seats, new Connection { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 5000) }, endsWhenClosed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return visitor;
    }

    private sealed class Visitor
    {
        private readonly HttpSeats _seats;
        private readonly Connection _connection;
        private readonly TaskCompletionSource _end = new();

        public Visitor(HttpSeats seats, Connection connection, bool endsWhenClosed)
        {
            _seats = seats;
            _connection = connection;
            _connection.Closed = () =>
            {
                if (endsWhenClosed)
                    _ = _end.TrySetResult();
            };
            _ = seats.Use(_ =>
            {
                WasServed = true;
                return _end.Task;
            })(_connection);
        }

        public bool WasServed { get; private set; }

        public bool IsThere => WasServed && !_connection.IsClosed;

        public void End() => _end.SetResult();

        public void Upgrade() => _seats.Upgraded(Context());

        public Task Ask(Task answer, bool isIn, string user = "anna", bool isOperator = true) => _seats.AnswerAsync(Context(), context =>
        {
            HttpSeats.Found(context, isIn ? user : null, isOperator);
            return answer;
        });

        private DefaultHttpContext Context() => new(_connection.Features);
    }

    private sealed class Connection : DefaultConnectionContext
    {
        public Action? Closed { get; set; }

        public bool IsClosed { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            IsClosed = true;
            Closed?.Invoke();
        }
    }
}
