using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Budgets;

/// <summary>What is counted for a Session, a device, its owner and a receipt that is owed is at least what it takes, with the user that each keeps: less, and the process dies.</summary>
[TestClass]
[DoNotParallelize]
internal sealed class MemoryCostTests
{
    // A little more than a table of .NET holds before it grows (36,353): the worst moment for what each takes.
    private const int Count = 37_200;

    [TestMethod]
    public async Task Device_WithItsUser_CountedForWhatItTakes() => await AssertCounted(
        static (broker, i) => Assert.IsFalse(broker.Mailboxes.Restore(ClientId(i), broker.Owners.Restored, User(i), isReachable: false)), MemoryCost.Device(ClientId(0)));

    [TestMethod]
    public async Task Device_WithAnOwnerOfItsOwn_CountedForWhatBothTake() => await AssertCounted(
        static (broker, i) => Assert.IsFalse(broker.Mailboxes.Restore(ClientId(i), broker.Owners.Of(User(i).Name, remote: null, ClientRole.Device), User(i), isReachable: false)),
        MemoryCost.Device(ClientId(0)) + MemoryCost.Owner($"user '{User(0).Name}'", User(0).Name));

    [TestMethod]
    public async Task Session_WithItsUser_CountedForWhatItTakes() => await AssertCounted(
        static (broker, i) => broker.Sessions.Restored(broker.Sessions.Restore(ClientId(i), User(i), broker.Owners.Restored, expirySeconds: 3600, isBridge: false, leftMs: 1)), MemoryCost.Session(ClientId(0)));

    [TestMethod]
    public async Task Receipt_WithItsUser_CountedForWhatItTakes() => await AssertCounted(
        static (broker, i) => broker.Receipts.Restore(i + 1, new OwedReceipt(ClientId(-i), ClientId(i), FormattableString.Invariant($"k{i:D7}"), ReceiptMarks.None) { User = User(i) }),
        MemoryCost.Receipt(ClientId(-1).Length + ClientId(1).Length + 8 + User(0).Name!.Length));

    private static string ClientId(int number) => FormattableString.Invariant($"GID_home@@@board-{number:D6}");

    private static UserIdentity User(int number) => new(FormattableString.Invariant($"user-of-{number:D12}"), number + 1);

    private static async Task AssertCounted(Action<BrokerState, int> make, int counted)
    {
        await using TestBroker gateway = TestBroker.Start(static limits =>
        {
            limits.KnownDevicesMax = 2 * Count;
            limits.SessionsMax = 2 * Count;
            limits.ReceiptsPendingMax = 2 * Count;
        });
        long before = GC.GetTotalMemory(forceFullCollection: true);
        _ = gateway.Look(broker =>
        {
            for (int i = 0; i < Count; i++)
                make(broker, i);
            return 0;
        });
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Console.WriteLine($"{each} bytes each, {counted} are counted");
        Assert.IsLessThanOrEqualTo(counted, each);
        Assert.IsGreaterThanOrEqualTo(counted / 2, each);
    }
}
