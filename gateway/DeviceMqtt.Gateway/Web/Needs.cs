namespace DeviceMqtt.Gateway.Web;

/// <summary>What an end point of the API asks of its caller.</summary>
/// <param name="Role">The least role; null where everybody may come, before a login too.</param>
internal sealed record Needs(ConsoleRole? Role)
{
    public static readonly Needs Nothing = new((ConsoleRole?)null);

    public static readonly Needs ToSee = new(ConsoleRole.Monitor);

    public static readonly Needs ToChange = new(ConsoleRole.Operator);
}
