using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Simulation.World;

/// <summary>The topics of all worlds that need not be durable (<c>Topics:0:Durable=false</c>).</summary>
internal static class VolatileTopics
{
    /// <summary>In the first scenario.</summary>
    public const string Root = "v/";

    private static readonly TopicRules Rules = new([new TopicRule { Filter = Root + "#", Durable = false }, new TopicRule { Filter = "t/+/v", Durable = false }]);

    /// <summary>In the worlds with upstreams.</summary>
    public static string Of(string gateway) => $"t/{gateway}/v";

    public static bool IsVolatile(string topic) => Rules.IsVolatile(topic);
}
