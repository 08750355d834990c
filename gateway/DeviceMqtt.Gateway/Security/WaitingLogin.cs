namespace DeviceMqtt.Gateway.Security;

/// <summary>A login that waits, or is worked out. Belongs to <see cref="Logins"/>, under its lock.</summary>
/// <param name="stored">The hash that the password is compared with.</param>
/// <param name="password">As it was sent.</param>
/// <param name="address">Of whoever logs in (<see cref="AddressKey"/>).</param>
/// <param name="untilMs">In running time: nobody waits for the answer any more.</param>
internal sealed class WaitingLogin(string stored, byte[] password, UInt128 address, long untilMs)
{
    /// <summary>What it ends with.</summary>
    public TaskCompletionSource<LoginOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Stored => stored;

    public byte[] Password => password;

    public UInt128 Address => address;

    public long UntilMs => untilMs;

    /// <summary>For the wait before it is worked out; null for none.</summary>
    public ITimer? Delay { get; set; }
}
