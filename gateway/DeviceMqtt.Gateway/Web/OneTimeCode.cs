using System.Security.Cryptography;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// The code with which the first operator proves to be at the machine: in the log, or from <c>devicemqtt user code</c>, which leaves it in the data
/// folder. Good for 15 minutes of running time, whatever the clock is set to, for five tries of one address, and once. Who guesses takes nobody else's tries. Safe from any thread.
/// </summary>
internal sealed class OneTimeCode(string? dataFolder, TimeProvider time)
{
    public const string FileName = "console-code";

    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(15);

    private static readonly long GoodForMs = (long)GoodFor.TotalMilliseconds;

    /// <summary>Wrong tries of one address; then the code is good for others.</summary>
    public const int TriesMax = 5;

    // Wrong tries of all addresses that end it. Chosen: one of them in ten million is right by chance.
    private const int AllTriesMax = 80_000;

    // Addresses whose tries are counted; where there are more, all are counted anew.
    private const int AddressesMax = 10_000;

    // That the log gets in the time of one.
    private const int CodesMax = 5;

    // No letters and digits that look alike; 8 of these are 40 bits.
    private const string Letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    private readonly Lock _lock = new();
    private string? _code;
    private long _endsMs; // running time, as all of these
    private long? _firstMadeMs;
    private int _made;
    private readonly Dictionary<UInt128, int> _tries = [];
    private int _allTries;

    /// <summary>A code for the log.</summary>
    /// <returns>Null while the one before is still good.</returns>
    public string? Renew()
    {
        lock (_lock)
        {
            long nowMs = time.MonotonicMs();
            if (_code is not null && nowMs < _endsMs)
                return null;
            if (_firstMadeMs is not { } first || nowMs - first >= GoodForMs)
                (_firstMadeMs, _made) = (nowMs, 0);
            // Who only guesses does not fill the log: 'user code' always helps.
            if (_made++ >= CodesMax)
                return null;
            Begin(Create(), nowMs + GoodForMs);
            return _code;
        }
    }

    /// <summary>A code that the command line leaves for the gateway.</summary>
    public static string Leave(string dataFolder)
    {
        string code = Create();
        PrivateFile.CreateFolder(dataFolder);
        using StreamWriter writer = new(PrivateFile.Create(Path.Combine(dataFolder, FileName)));
        writer.Write(code);
        return code;
    }

    /// <summary>Whether it is the code. One that was right is of no use any more.</summary>
    /// <param name="code">As it was typed.</param>
    /// <param name="address">Who has typed it (<see cref="AddressKey"/>).</param>
    public bool TryUse(string code, UInt128 address)
    {
        lock (_lock)
        {
            TakeLeft();
            if (_code is null || time.MonotonicMs() >= _endsMs)
                return false;
            if (_tries.Count >= AddressesMax)
                _tries.Clear();
            int tries = _tries.GetValueOrDefault(address);
            if (tries >= TriesMax)
                return false;
            bool isRight = CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(Plain(code)), System.Text.Encoding.UTF8.GetBytes(Plain(_code)));
            if (!isRight)
                _tries[address] = tries + 1;
            if (isRight || ++_allTries >= AllTriesMax)
                _code = null;
            return isRight;
        }
    }

    private void Begin(string code, long endsMs)
    {
        (_code, _endsMs, _allTries) = (code, endsMs, 0);
        _tries.Clear();
    }

    // Its time counts from when it was written: of that there is nothing but the clock's word. From here on running time counts.
    private void TakeLeft()
    {
        if (dataFolder is null)
            return;
        FileInfo file = new(Path.Combine(dataFolder, FileName));
        if (!file.Exists)
            return;
        try
        {
            string left = File.ReadAllText(file.FullName);
            long leftMs = GoodForMs - (long)(time.GetUtcNow() - new DateTimeOffset(file.LastWriteTimeUtc)).TotalMilliseconds;
            file.Delete();
            if (left.Length == 0 || leftMs <= 0)
                return;
            Begin(left, time.MonotonicMs() + Math.Min(leftMs, GoodForMs)); // a clock that was set back makes no code good for longer
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // One that cannot be read is no code: the try is refused as any wrong one.
        }
    }

    private static string Plain(string code) => code.Replace("-", "", StringComparison.Ordinal).Trim().ToUpperInvariant();

    private static string Create()
    {
        string letters = RandomNumberGenerator.GetString(Letters, 8);
        return $"{letters[..4]}-{letters[4..]}";
    }
}
