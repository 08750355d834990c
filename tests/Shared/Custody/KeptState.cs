using DeviceMqtt.Broker.State;
using DeviceMqtt.Custody.Keeping;

namespace DeviceMqtt.TestSupport;

internal static class KeptState
{
    /// <summary>The custody of a broker that keeps its state on a disk.</summary>
    public static JournalCustody Kept(this BrokerState broker) => (JournalCustody)broker.Custody;
}
