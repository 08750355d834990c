namespace DeviceMqtt.Gateway.Web;

/// <summary>What an end point of the API asks of its caller.</summary>
/// <param name="Role">The least role; null where everybody may come, before a login too.</param>
internal sealed record Needs(ConsoleRole? Role)
{
    public static readonly Needs Nothing = new((ConsoleRole?)null);

    public static readonly Needs ToSee = new(ConsoleRole.Monitor);

    /// <summary>For what stands in <c>audit.log</c>, and may be done so often in a minute; also for what only who may change may see.</summary>
    public static readonly Needs ToChange = new(ConsoleRole.Operator) { IsAudited = true };

    /// <summary>For a message: it is no change.</summary>
    public static readonly Needs ToPublish = new(ConsoleRole.Operator);

    /// <summary>What it does, unless it only reads, has a line in the audit.</summary>
    public bool IsAudited { get; private init; }

    /// <summary>A request of this method makes a change that has a line in the audit.</summary>
    public bool Changes(string method) => IsAudited && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method);
}
