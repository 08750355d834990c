using DeviceMqtt.Broker.Grounds;
using System.Text;
using BenchmarkDotNet.Attributes;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Benchmarks.Micro;

/// <summary>
/// Who gets a message: in a tree of boards that each subscribe to their own topics and applications that read with wildcards. Times are per
/// topic.
/// </summary>
[MemoryDiagnoser]
public class TopicMatchingBenchmarks
{
    private const int Topics = 256;

    private readonly List<Recipient> _recipients = [];
    private readonly List<SharedGroup> _groups = [];
    private readonly string[] _topics = new string[Topics];
    private readonly byte[][] _topicsUtf8 = new byte[Topics][];
    private BrokerState _broker = null!;

    [Params(100, 10_000)]
    public int Boards { get; set; }

    [GlobalSetup]
    public void Subscribe()
    {
        _broker = new BrokerState(new Ground(TimeProvider.System, new GatewayLimits()), new GroupPolicies([]));
        for (int i = 0; i < Boards; i++)
        {
            Set($"board{i}", $"dm/board{i}/cfg/+");
            Set($"board{i}", $"dm/board{i}/cmd/#");
        }
        foreach (string filter in (string[])["dm/+/tele/#", "dm/+/evt/+", "presence/#", "dm/board7/#"])
            Set("app " + filter, filter);
        for (int i = 0; i < Topics; i++)
        {
            _topics[i] = $"dm/board{i * Boards / Topics}/tele/env";
            _topicsUtf8[i] = Encoding.UTF8.GetBytes(_topics[i]);
        }
    }

    /// <summary>The tree itself, which a message reaches only when its topic is new or subscriptions have changed.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int MatchInTree()
    {
        int found = 0;
        foreach (string topic in _topics)
        {
            _recipients.Clear();
            _broker.Tree.Match(topic, _recipients, _groups);
            found += _recipients.Count;
        }
        return found;
    }

    /// <summary>What a message of a known topic costs.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int FindInRouteCache()
    {
        int found = 0;
        foreach (byte[] topic in _topicsUtf8)
        {
            if (_broker.Routes.TryGet(topic, out Route route, out _))
                found += route.Recipients.Length;
        }
        return found;
    }

    private void Set(string clientId, string filter)
    {
        if (!TopicFilter.TryParse(filter, out TopicFilter parsed, out MalformedReason reason))
            throw new InvalidOperationException($"{filter}: {reason}");
        Session? session = _broker.Sessions.Find(clientId);
        if (session is null)
            _broker.Sessions.Open(new ConnectPacket { ClientId = clientId }, clientId, new Admission(ClientRole.Device), _broker.Owners.Nobody, out session, out _).ForNobody();
        _broker.Tree.Set(new Subscription(session, parsed) { QoS = QoS.AtLeastOnce });
    }
}
