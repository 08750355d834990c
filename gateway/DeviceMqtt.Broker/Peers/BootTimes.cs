using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Where the boots of boards without a clock lie in the gateway's own time, so that a reading that has <c>up</c> and <c>b</c> gets a time. It is
/// placed when it leaves, not when it comes: the gateway may learn what time it is in between. Owned by the turn.
/// <list type="bullet">
/// <item>A reading that came at once was measured when it came.</item>
/// <item>One that came late (<c>h</c>) lies where its boot says. A boot is known by the board's birth and by readings that came at once: of ten
/// minutes the one that was on its way for the shortest time. Between the first and the last of them time runs as fast as the board's
/// clock does, which is off by some seconds a day.</item>
/// <item>Where the gateway lost its power and no clock has counted how long, what was before that lies somewhere: it is placed by the age of
/// its boot, if the board is still the same boot afterwards, and is marked as not sure if not. So is what is too far from all that is known of its boot.</item>
/// <item>Of each board the last 64 boots are known, and of so many boards as may be known; beyond, the one that has told none for longest is forgotten. All are at a restart, but for that of a retained birth.</item>
/// </list>
/// </summary>
internal sealed class BootTimes(Ground ground)
{
    private const int BootsMax = 64;
    private const long BestForMs = 600_000;
    private const long PaceFromMs = 6 * 3_600_000; // two marks that are closer say more about the network than about the clock
    private const long NearMs = 12 * 3_600_000; // a clock that is off by 20 millionths is off by 0.9 s then
    private const int ReadingBytesMax = 1024; // as long as our boards write them
    private readonly RecentDevices<List<Boot>> _byDevice = new(ground, static _ => true);
    private readonly FlatJsonReader _reader = new();
    private readonly TelemetryHeader _header = new();

    /// <summary>The board said it was so old at that moment of the gateway.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Mark(long UpMs, long AtMs)
    {
        public long BeganMs => AtMs - UpMs;
    }

    private sealed class Boot(long id)
    {
        private Mark _first;
        private Mark _last;
        private bool _isKnown;

        public long Id { get; } = id;

        /// <summary>The last mark's moment.</summary>
        public long LastAtMs => _last.AtMs;

        /// <param name="mark">A new one.</param>
        /// <param name="isAnew">The ones before are of a time that does not go on into this one.</param>
        public void Note(Mark mark, bool isAnew)
        {
            if (!_isKnown || isAnew)
            {
                (_first, _last, _isKnown) = (mark, mark, true);
                return;
            }

            if (mark.UpMs - _first.UpMs < BestForMs && mark.BeganMs < _first.BeganMs)
                _first = mark;
            if (mark.UpMs - _last.UpMs >= BestForMs || mark.BeganMs < _last.BeganMs)
                _last = mark;
        }

        /// <summary>So near to what is known of this boot that its clock does not matter, or as long as it was watched.</summary>
        public bool IsNear(long upMs) => Math.Max(_first.UpMs - upMs, upMs - _last.UpMs) <= Math.Max(NearMs, _last.UpMs - _first.UpMs);

        /// <summary>Monotonic milliseconds of the gateway at an age of the boot.</summary>
        public long At(long upMs)
        {
            long apartMs = _last.UpMs - _first.UpMs;
            double pace = apartMs < PaceFromMs ? 1 : (_last.AtMs - _first.AtMs) / (double)apartMs;
            return _last.AtMs + (long)((upMs - _last.UpMs) * pace);
        }
    }

    /// <summary>A board has said how old its boot is.</summary>
    /// <param name="device">What it is called in its topics.</param>
    /// <param name="boot">Which boot.</param>
    /// <param name="upMs">Its age in milliseconds.</param>
    /// <param name="atMs">Monotonic milliseconds when it said so.</param>
    public void Note(string device, long boot, long upMs, long atMs)
    {
        List<Boot> boots = _byDevice.Find(device) ?? [];
        Boot? known = boots.Find(b => b.Id == boot);
        if (known is not null)
        {
            _byDevice.Touch(device);
        }
        else
        {
            if (boots.Count == BootsMax)
                boots.RemoveAt(0);
            boots.Add(known = new Boot(boot));
            if (!_byDevice.TrySet(device, boots, MemoryCost.Boots(boots.Count)))
                return;
        }

        known.Note(new Mark(upMs, atMs), isAnew: ground.Running.IsCounted(atMs) && !ground.Running.IsCounted(known.LastAtMs));
    }

    /// <summary>A reading has come: if it came at once, it says how old its boot is.</summary>
    public void Observe(string device, Message message)
    {
        if (TryReadUp(message.Payload) && !_header.IsLate)
            Note(device, _header.BootId, _header.UpMs, message.AcceptedMs);
    }

    /// <summary>The payload of a reading with its time and how sure that is (<c>q</c>): as it came when it has one, or nobody knows it.</summary>
    public ReadOnlySpan<byte> Place(string device, Message message)
    {
        byte[] payload = message.Payload;
        if (!TryReadUp(payload))
            return payload;
        long atMs = message.AcceptedMs;
        bool isSure = ground.Running.IsCounted(atMs);
        Boot? boot = _header.IsLate || !isSure ? _byDevice.Find(device)?.Find(b => b.Id == _header.BootId) : null;
        if (_header.IsLate && boot is null)
            return payload;
        if (boot is not null)
        {
            bool isBootCounted = ground.Running.IsCounted(boot.LastAtMs);
            long measuredMs = boot.At(_header.UpMs);
            if (_header.IsLate || isBootCounted)
                atMs = isBootCounted && !isSure ? measuredMs : Math.Min(atMs, measuredMs); // not before it was measured
            isSure = isBootCounted && boot.IsNear(_header.UpMs);
        }

        long? vouched = ground.Clock.VouchedUnixMs;
        if ((vouched ?? ground.Clock.BelievedUnixMs) is not { } nowUnixMs)
            return payload;
        long unixMs = nowUnixMs - (ground.Turn.NowMs - atMs);
        if (unixMs <= 0)
            return payload;
        string head = string.Create(CultureInfo.InvariantCulture, $"{{\"{TelemetryField.Time}\":{unixMs / 1000}.{unixMs % 1000:000},\"{TelemetryField.Quality}\":{(vouched is null || !isSure ? 2 : 1)},");
        return (byte[])[.. Encoding.ASCII.GetBytes(head), .. payload.AsSpan(1)];
    }

    // Nearly all readings have a time of their own, and are not looked into.
    private bool TryReadUp(byte[] payload) =>
        payload.Length <= ReadingBytesMax && payload is [(byte)'{', (byte)'"', ..] && payload.AsSpan().IndexOf("\"up\":"u8) >= 0
        && _header.TryRead(_reader, payload, 0, payload.Length) && _header is { HasUp: true, HasTime: false };
}
