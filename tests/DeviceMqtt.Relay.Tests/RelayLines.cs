using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What the relay says in the log, line by line, to wait for.</summary>
internal sealed class RelayLines : ILogger
{
    public const int Connecting = 200;
    public const int Connected = 201;
    public const int Disconnected = 202;
    public const int Left = 203;
    public const int BacklogLost = 204;
    public const int SubscriptionRefused = 205;
    public const int UplinkFailed = 206;
    public const int Adapting = 208;
    public const int DeviceWillNotHeld = 212;
    public const int EndsAtOnce = 215;
    public const int TooManyDeviceWills = 213;
    public const int SetAside = 216;
    public const int SentAsNew = 217;
    public const int NoRoomForUpstream = 219;
    public const int Suspected = 218;
    public const int CommandRefused = 221;
    public const int AsideFull = 223;
    public const int OwnPacketLeftOut = 225;
    public const int DeviceUnreachable = 226;
    public const int Namesake = 230;
    public const int CannotBeAsked = 231;
    public const int SessionExpires = 232;
    public const int UnknownSession = 234;
    public const int SubscriptionGranted = 235;
    public const int OwnPacketTakenAgain = 236;
    public const int IdentifiersFreed = 228;
    public const int IdentifiersNotFreed = 229;

    private readonly List<(int EventId, string Text)> _unread = []; // by TryFind
    private readonly Channel<(int EventId, string Text)> _lines = Channel.CreateUnbounded<(int, string)>();

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null)
            Console.WriteLine($"{formatter(state, exception)}: {exception}");
        _ = _lines.Writer.TryWrite((eventId.Id, formatter(state, exception)));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <summary>The next line is this event; returns its text.</summary>
    public async Task<string> ExpectAsync(int eventId)
    {
        (int actual, string text) = await Patience.Within(_lines.Reader.ReadAsync().AsTask(), $"line {eventId} of the relay's log");
        Assert.AreEqual(eventId, actual, text);
        return text;
    }

    /// <summary>This event is not among the lines that were not read yet.</summary>
    public void ExpectNoMore(int eventId)
    {
        while (_lines.Reader.TryRead(out (int EventId, string Text) line))
            Assert.AreNotEqual(eventId, line.EventId, line.Text);
    }

    /// <summary>This event is among the lines that <see cref="ExpectAsync"/> has not read.</summary>
    public bool TryFind(int eventId, [NotNullWhen(true)] out string? text)
    {
        text = _unread.FirstOrDefault(u => u.EventId == eventId).Text;
        if (text is not null)
            return true;
        while (_lines.Reader.TryRead(out (int EventId, string Text) line))
        {
            _unread.Add(line);
            if (line.EventId != eventId)
                continue;
            text = line.Text;
            return true;
        }

        return false;
    }

    /// <summary>No line was written that was not expected.</summary>
    public void ExpectNoMore() => Assert.IsFalse(_lines.Reader.TryRead(out (int, string Text) line), line.Text);
}
