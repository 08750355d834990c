namespace DeviceMqtt.Gateway.Observability;

/// <summary>Where the lines of one kind go that tell who came in and what was refused. There is room for so many in a minute: a line is made behind the question, or a thousand clients that come and go
/// have a text made for each of them that nobody sees.</summary>
/// <param name="TryTake">Whether there is room for one more line; where there is none it is counted.</param>
/// <param name="Add">Takes the line that there is room for.</param>
internal sealed record AuditLines(Func<bool> TryTake, Action<string> Add);
