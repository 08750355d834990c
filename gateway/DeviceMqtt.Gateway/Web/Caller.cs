namespace DeviceMqtt.Gateway.Web;

/// <summary>Who makes a request.</summary>
/// <param name="Name">Of the user or key.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Token">Of the cookie; null for a key.</param>
internal sealed record Caller(string Name, ConsoleRole Role, string? Token)
{
    private static readonly object ItemKey = new();

    /// <summary>Who it is, on whatever page: requests of the same user, or of the same key, have the same.</summary>
    public (string Name, bool IsKey, ConsoleRole Role) Identity => (Name, Token is null, Role);

    /// <summary>Who makes this request; the gate has let it through.</summary>
    public static Caller Of(HttpContext context) => (Caller)context.Items[ItemKey]!;

    public static void Set(HttpContext context, Caller caller) => context.Items[ItemKey] = caller;
}
