namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// How much of one good is taken: by a connection, by an owner (<see cref="Owner"/>), or by all together. What is taken here is taken
/// of all accounts above, too.
/// <list type="bullet">
/// <item>Never more than <see cref="Max"/>, but for what is there already and only has to be counted (<see cref="Take"/>).</item>
/// <item>The last tenth of what all share is for operators, and for owners that have less than a hundredth of it; half of that for those that have less than a
/// four-hundredth, and less than a quarter of what is left. Who is new finds room, whatever others have taken.</item>
/// </list>
/// Additions and comparisons; allocates nothing. Owned by the turn.
/// </summary>
internal sealed class Account(long max, Account? above = null)
{
    private const int LastPart = 10;
    private const int LittlePart = 100;

    // Chosen: what a board needs with TLS, at 128 MB. Twenty owners that take all they may leave one in eight of the last tenth, and thirty some boards' connections.
    private const int NextToNothingPart = 400;
    private const int LeftAtLeast = 4;

    private Account? _above = above;

    /// <summary>Taken now: bytes, or things.</summary>
    public long Used { get; private set; }

    public long Max { get; set; } = max;

    /// <summary>What all together may have of it.</summary>
    public long OfAll => _above?.OfAll ?? Max;

    /// <summary>What is left to it alone; there may be less of it above.</summary>
    public long Left => Max + Coming - Used;

    /// <summary>So much of what is taken will be given back in a moment, whatever happens: it counts as given.</summary>
    public long Coming { get; set; }

    /// <summary>It is less than all, and so much does not fit it any more.</summary>
    public bool IsShareUsedUp(long amount) => Max < OfAll && Left < amount;

    /// <summary>The last tenth of it is kept, though something is above it.</summary>
    public bool KeepsTheLast { get; init; }

    /// <summary>It is an operator's.</summary>
    public bool MayTakeTheLast { get; init; }

    /// <summary>Runs when something was given back, wherever below; null while nobody waits for that.</summary>
    public Action? Given { get; set; }

    /// <summary>
    /// What is kept from one that would have so much of what all share: the last tenth; half of that from one with less than a hundredth; and from one with less than a
    /// four-hundredth four times what it has, or nothing if that is one thing.
    /// </summary>
    /// <param name="used">What it would have then.</param>
    /// <param name="max">What all together may have.</param>
    public static long KeptFrom(long used, long max) => used switch
    {
        _ when !IsLittle(used, max) => max / LastPart,
        _ when used > Math.Max(1, max / NextToNothingPart) => max / LastPart / 2,
        _ => Math.Clamp((used - 1) * LeftAtLeast, 0, max / LastPart / 2),
    };

    /// <summary>It is less than a hundredth of what all together may have; one thing always is.</summary>
    public static bool IsLittle(long used, long max) => used <= Math.Max(1, max / LittlePart);

    /// <summary>Takes so much, here and above.</summary>
    /// <returns>False when there is no room, and nothing was taken.</returns>
    public bool TryTake(long amount)
    {
        if (!HasRoomFor(amount))
            return false;
        Take(amount);
        return true;
    }

    public bool HasRoomFor(long amount)
    {
        if (amount <= Left && (_above is null || _above.HasRoomBelow(amount, this)))
            return true;
        return _above is not null && IsRestoring && _above.HasRoomFor(amount);
    }

    /// <summary>The account, this one or one above, that has no room for so much.</summary>
    /// <param name="amount">What is asked for.</param>
    /// <param name="kept">What that one keeps from who asks.</param>
    /// <returns>Null when there is room.</returns>
    public Account? Refusing(long amount, out long kept)
    {
        kept = 0;
        Account below = this;
        for (Account? account = this; account is not null; below = account, account = account._above)
        {
            kept = account == this ? 0 : account.KeptFrom(below, amount);
            if (amount > account.Left - kept)
                return account;
        }

        return null;
    }

    /// <summary>
    /// While a recovery takes what the disk has, in another order than it came and from owners that may have another share by now: only what all together may have counts.
    /// Set where nothing is above.
    /// </summary>
    public bool IsRestoring
    {
        get => _above?.IsRestoring ?? field;
        set;
    }

    /// <summary>Counts what is there in any case. Less than nothing is given back, and whoever waits for some goes on with that, too.</summary>
    public void Take(long amount)
    {
        for (Account? account = this; account is not null; account = account._above)
        {
            account.Used += amount;
            if (amount < 0)
                account.Given?.Invoke();
        }
    }

    public void Give(long amount) => Take(-amount);

    /// <summary>Everything is given back.</summary>
    public void GiveAll()
    {
        if (Used != 0)
            Give(Used);
    }

    /// <summary>What is taken here counts for another from now on.</summary>
    /// <returns>False when there is no room for it, and nothing has changed.</returns>
    public bool TryMove(Account above)
    {
        if (above == _above)
            return true;
        if (!above.HasRoomBelow(Used, this))
            return false;
        Move(above);
        return true;
    }

    /// <summary>The same, whether there is room or not.</summary>
    public void Move(Account above)
    {
        above.Take(Used);
        _above?.Give(Used);
        _above = above;
    }

    private bool HasRoomBelow(long amount, Account below)
    {
        if (_above is not null && !KeepsTheLast)
            return HasRoomFor(amount);
        return amount <= Left - KeptFrom(below, amount) && (_above is null || _above.HasRoomBelow(amount, this));
    }

    private long KeptFrom(Account below, long amount) =>
        below.MayTakeTheLast || (_above is not null && !KeepsTheLast) ? 0 : KeptFrom(below.Used + amount, Max);
}
