using System.Diagnostics.CodeAnalysis;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// Bytes of answers, and of what streams have for their pages, that are in memory until their clients have taken them.
/// <list type="bullet">
/// <item>All together have <see cref="BytesMax"/>, a user or key its share of that. Who has nothing under way gets one answer that is longer than its share.</item>
/// <item>The last tenth is for operators, and for those who have little.</item>
/// <item>One user has so many requests at once; streams are counted where they are.</item>
/// </list>
/// Safe from any thread.
/// </summary>
/// <param name="limits">For the memory that there is, and the shares.</param>
internal sealed class AnswerRoom(GatewayLimits limits)
{
    /// <summary>Requests of one user or key at once. Chosen: three browsers' worth.</summary>
    public const int RequestsOfUserMax = 16;

    /// <summary>The same, of an operator. Chosen: less than there are connections.</summary>
    public const int RequestsOfOperatorMax = 64;

    /// <summary>A page of a list ends where its answer would be longer. Chosen: two hundred devices with ordinary names are half of it.</summary>
    public const int ListBytesMax = 256 * 1024;

    private const long BytesLeast = 2 * 1024 * 1024; // chosen: the longest lists of some people
    private const long BytesMost = 16 * 1024 * 1024;
    private const int Part = 16; // chosen: of the memory for what is kept for others
    private const int Percent = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // chosen: 256 KB over a bad radio link
    private readonly Lock _lock = new();
    private readonly Account _all = new(BytesMax(limits));
    private readonly Dictionary<(string Name, bool IsKey, ConsoleRole Role), Entry> _entries = [];

    private sealed class Entry(Account bytes)
    {
        public Account Bytes => bytes;

        public int Requests { get; set; }
    }

    /// <summary>An answer that its client has not taken after so long is given up, with its connection.</summary>
    public TimeSpan AnswerTime { get; init; } = Patience;

    /// <summary>Told of each request that found no room, and why. Called on any thread.</summary>
    public Action<Caller, string>? Refused { get; init; }

    /// <summary>Told of each answer that was given up, and of its bytes. Called on any thread.</summary>
    public Action<Caller, int>? GivenUp { get; init; }

    /// <summary>Bytes that all have together.</summary>
    public static long BytesMax(GatewayLimits limits) => Math.Clamp(MemoryPlan.Total(limits) / Part, BytesLeast, BytesMost);

    /// <summary>Taken now, by all.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _all.Used;
        }
    }

    /// <summary>A request begins.</summary>
    /// <param name="caller">Whose it is.</param>
    /// <param name="lease">Gives back all that it takes.</param>
    /// <returns>False when this user has as many as it may.</returns>
    public bool TryBegin(Caller caller, [NotNullWhen(true)] out AnswerLease? lease)
    {
        lock (_lock)
        {
            lease = null;
            Entry entry = EntryOf(caller);
            if (entry.Requests >= (caller.Role == ConsoleRole.Operator ? RequestsOfOperatorMax : RequestsOfUserMax))
                return false;
            entry.Requests++;
        }

        lease = new AnswerLease(this, caller);
        return true;
    }

    /// <summary>It is no request any more.</summary>
    public void EndRequest(Caller caller)
    {
        lock (_lock)
        {
            EntryOf(caller).Requests--;
            ForgetIdle(caller);
        }
    }

    /// <summary>Takes room for an answer that is whole, or a frame of a stream.</summary>
    /// <param name="caller">Whose it is.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="mayBeMore">It is let through beyond the share of one who has nothing under way.</param>
    /// <returns>False when there is none, and nothing was taken.</returns>
    public bool TryTake(Caller caller, long bytes, bool mayBeMore)
    {
        lock (_lock)
        {
            Account account = EntryOf(caller).Bytes;
            if (account.TryTake(bytes))
                return true;
            long kept = account.MayTakeTheLast ? 0 : Account.KeptFrom(bytes, _all.Max);
            if (!mayBeMore || account.Used > 0 || bytes > _all.Left - kept)
            {
                ForgetIdle(caller);
                return false;
            }

            account.Take(bytes);
            return true;
        }
    }

    public void Give(Caller caller, long bytes)
    {
        lock (_lock)
        {
            EntryOf(caller).Bytes.Give(bytes);
            ForgetIdle(caller);
        }
    }

    private Entry EntryOf(Caller caller)
    {
        if (!_entries.TryGetValue(caller.Identity, out Entry? entry))
        {
            int percent = caller.Role == ConsoleRole.Operator ? limits.OperatorSharePercentMax : limits.SharePercentMax;
            _entries.Add(caller.Identity, entry = new Entry(new Account(Math.Max(1, _all.Max * percent / Percent), _all) { MayTakeTheLast = caller.Role == ConsoleRole.Operator }));
        }

        return entry;
    }

    private void ForgetIdle(Caller caller)
    {
        if (EntryOf(caller) is { Requests: 0, Bytes.Used: 0 })
            _ = _entries.Remove(caller.Identity);
    }
}
