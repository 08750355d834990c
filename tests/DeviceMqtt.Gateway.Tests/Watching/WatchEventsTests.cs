using System.Reflection;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

[TestClass]
public sealed class WatchEventsTests
{
    public static IEnumerable<object[]> Events => typeof(IBrokerEvents).GetMethods().Select(static method => new object[] { method.Name });

    [TestMethod]
    [DynamicData(nameof(Events))]
    public void Event_OfTheBroker_GetsToTheLogToo(string name)
    {
        FakeTime time = new();
        IBrokerEvents log = DispatchProxy.Create<IBrokerEvents, Recorder>();
        WallClock clock = new Ground(time, new GatewayLimits()).Clock;
        IBrokerEvents watch = new WatchEvents(log, new ClientBook(clock, clientsMax: 10, bytesMax: 100_000), new IncidentBook(clock));
        MethodInfo method = typeof(IBrokerEvents).GetMethod(name)!;

        _ = method.Invoke(watch, [.. method.GetParameters().Select(static p => ValueFor(p.ParameterType))]);

        CollectionAssert.AreEqual((string[])[name], ((Recorder)log).Names.ToArray());
    }

    // Two hundred topics that found no room were fifty sentences, all the same.
    [TestMethod]
    [DataRow(DropReason.RetainedFull)]
    [DataRow(DropReason.JournalFull)]
    [DataRow(DropReason.AllQueuesFull)]
    public void Dropped_ForWantOfRoomInTheGateway_OneIncident(DropReason reason)
    {
        WallClock clock = new Ground(new FakeTime(), new GatewayLimits()).Clock;
        IncidentBook incidents = new(clock);
        IBrokerEvents watch = new WatchEvents(DispatchProxy.Create<IBrokerEvents, Recorder>(), new ClientBook(clock, clientsMax: 10, bytesMax: 100_000), incidents);

        for (int i = 0; i < 200; i++)
            watch.Dropped(new Drop(reason, DropOwner.Topic($"t/{i}"), $"t/{i}", 1));

        Assert.AreEqual(200, incidents.All.Single().Count);
    }

    private static object? ValueFor(Type type)
    {
        Type plain = type.IsByRef ? type.GetElementType()! : type;
        return plain == typeof(Drop) ? new Drop(DropReason.Expired, DropOwner.Client("x"), "t", 1) : plain == typeof(string) ? "x" : plain.IsValueType ? Activator.CreateInstance(plain) : null;
    }

    /// <summary>Notes what it is told.</summary>
    public class Recorder : DispatchProxy
    {
        public ICollection<string> Names { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Names.Add(targetMethod!.Name);
            return null;
        }
    }
}
