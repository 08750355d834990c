namespace DeviceMqtt.Broker.Words;

/// <summary>A limit with its value and the range it may have. A class: lists of tuples are compiled while the gateway starts, lists of objects are there.</summary>
/// <param name="Name">Of the setting, in the section <c>Limits</c>.</param>
/// <param name="Value">That it has now, in the unit its name says.</param>
/// <param name="Min">The least that it may be.</param>
/// <param name="Max">The most that it may be.</param>
public sealed record LimitBound(string Name, long Value, long Min, long Max);
