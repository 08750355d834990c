using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>What a user that somebody adds may be called.</summary>
internal static class UserName
{
    private const int CharactersMax = 64; // chosen: what fits a line of the log

    /// <summary>Why it cannot be; null when it can.</summary>
    public static string? Check(string name) => name.Length is 0 or > CharactersMax || SafeText.Of(name) != name || name.AsSpan().IndexOfAny('+', '#', '/') >= 0
        ? $"a name has 1 to {CharactersMax} characters that can be seen, and no / + #" : CheckMeaning(name);

    /// <summary>Why a name that can be written would never let anybody in; null when it would.</summary>
    public static string? CheckMeaning(string name) =>
        SignedLogin.TryParse(name, out _) ? "a user name of the form Signature|KEY|INSTANCE is a login that an access key signs: no user can have it" : null;
}
