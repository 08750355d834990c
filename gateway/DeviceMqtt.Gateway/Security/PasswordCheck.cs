namespace DeviceMqtt.Gateway.Security;

/// <summary>Whether a password is the stored one: <see cref="PasswordHash.Fits"/>, or what a test puts in its place.</summary>
/// <param name="stored">A hash.</param>
/// <param name="password">As the client sent it.</param>
internal delegate bool PasswordCheck(string stored, ReadOnlySpan<byte> password);
