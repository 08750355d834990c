namespace DeviceMqtt.Gateway.Orders;

/// <summary>What became of an order.</summary>
/// <param name="ExitCode">Of the command that gave it: 0 done, 1 it could not be done, 2 a setting or a word is wrong.</param>
/// <param name="Lines">For people; without empty ones.</param>
internal sealed record OrderAnswer(int ExitCode, IReadOnlyList<string> Lines);
