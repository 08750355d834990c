using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Budgets;

[TestClass]
internal sealed class AccountTests
{
    private sealed record Step(int Account, int Amount, bool Gives);

    private static readonly Gen<Step> AnyStep =
        from account in Gen.Choose(0, 3)
        from amount in Gen.Choose(0, 60)
        from gives in Gen.Elements(true, false)
        select new Step(account, amount, gives);

    [TestMethod]
    public void Account_AfterAnyUse_NoneIsAboveItsBoundAndAllIsTheSum() => Chance.CheckSteps(AnyStep, 60, 300, static steps =>
    {
        Account all = new(200);
        Account[] owners = [new(50, all), new(50, all), new(200, all) { MayTakeTheLast = true }];
        Account client = new(30, owners[0]);
        Account[] accounts = [.. owners, client];
        long[] own = new long[accounts.Length];
        foreach (Step step in steps)
        {
            Account account = accounts[step.Account];
            if (step.Gives)
            {
                long given = Math.Min(step.Amount, own[step.Account]);
                account.Give(given);
                own[step.Account] -= given;
            }
            else if (account.TryTake(step.Amount))
            {
                own[step.Account] += step.Amount;
            }

            Assert.AreEqual(own.Sum(), all.Used);
            Assert.AreEqual(own[0] + own[3], owners[0].Used);
            Assert.IsTrue(accounts.All(static a => a.Used <= a.Max) && all.Used <= all.Max);
        }
    });

    [TestMethod]
    public void Account_OwnersTakeTheirShares_TheLastTenthIsForThoseWhoHaveNext_ToNothing()
    {
        Account all = new(1_000);
        Account[] greedy = [.. Enumerable.Range(0, 4).Select(_ => new Account(250, all))];
        foreach (Account account in greedy)
            while (account.TryTake(10))
            {
            }

        Assert.AreEqual(900, all.Used);
        Account newcomer = new(250, all);
        Assert.IsTrue(newcomer.TryTake(10), "a hundredth of it is next to nothing");
        Assert.IsFalse(newcomer.TryTake(1));
        Account operatorAccount = new(1_000, all) { MayTakeTheLast = true };
        Assert.IsTrue(operatorAccount.TryTake(90));
        Assert.AreEqual(1_000, all.Used);
    }

    [TestMethod]
    public void Account_ManyOwnersTakeOfTheLastTenth_WhoIsNewFindsRoom()
    {
        Account all = new(1_000_000);
        foreach (Account greedy in (Account[])[.. Enumerable.Range(0, 4).Select(_ => new Account(250_000, all))])
            while (greedy.TryTake(1_000))
            {
            }

        foreach (Account little in (Account[])[.. Enumerable.Range(0, 20).Select(_ => new Account(250_000, all))])
            while (little.TryTake(100))
            {
            }

        Assert.IsTrue(new Account(250_000, all).TryTake(2_000), "a new one");
    }

    [TestMethod]
    public void Account_NoRoom_SaysWhichOneRefuses()
    {
        Account all = new(1_000);
        Account owner = new(250, all);
        Account client = new(100, owner);
        Assert.IsNull(client.Refusing(100, out _));
        Assert.AreSame(client, client.Refusing(101, out _));
        owner.Take(200);
        Assert.AreSame(owner, client.Refusing(51, out long kept));
        Assert.AreEqual(0, kept);
        all.Take(660);
        Assert.AreSame(all, client.Refusing(41, out kept));
        Assert.AreEqual(100, kept, "the last tenth");
    }

    [TestMethod]
    public void Account_Moved_CountsForTheOtherAlone()
    {
        Account all = new(100);
        Account one = new(50, all);
        Account other = new(50, all);
        Account client = new(40, one);
        Assert.IsTrue(client.TryTake(30));

        client.Move(other);
        client.Give(10);

        Assert.AreEqual((0L, 20L, 20L), (one.Used, other.Used, all.Used));
    }

    [TestMethod]
    public void Owners_Sweep_ForgetsThoseWhoHaveNothing()
    {
        Owners owners = new(new GatewayLimits());
        Owner kept = owners.Of("kept", remote: null, ClientRole.Device);
        Assert.IsTrue(kept[Good.Sessions].TryTake(1));
        for (int i = 0; i < 1_000; i++)
            _ = owners.At(new IPEndPoint(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 1));

        Assert.IsLessThan(200, owners.Count);
        Assert.AreSame(kept, owners.Of("kept", remote: null, ClientRole.Device));
    }

    [TestMethod]
    public void Owners_AddressesOfIPv6_OneNetworkIsOneOwner()
    {
        Owners owners = new(new GatewayLimits());
        Assert.AreSame(owners.At(IPEndPoint.Parse("[2001:db8:1:2::5]:1")), owners.At(IPEndPoint.Parse("[2001:db8:1:2:ffff::6]:2")));
        Assert.AreNotSame(owners.At(IPEndPoint.Parse("[2001:db8:1:2::5]:1")), owners.At(IPEndPoint.Parse("[2001:db8:1:3::5]:1")));
        Assert.AreSame(owners.At(IPEndPoint.Parse("10.0.0.1:1")), owners.At(IPEndPoint.Parse("[::ffff:10.0.0.1]:2")));
    }

    [TestMethod]
    public void Owner_HasMoreThanItsShareOfTheTime_WaitsSoThatItIsItsShare()
    {
        Owner owner = new Owners(new GatewayLimits { SharePercentMax = 25 }).Of("busy", remote: null, ClientRole.Device);
        Assert.AreEqual(0, owner.Spend(nowUs: 1_000_000, spentUs: 5_000, isScarce: true), "5 ms in a moment are no more than a burst");
        Assert.AreEqual(20, owner.Spend(nowUs: 1_000_000, spentUs: 5_000, isScarce: true), "10 ms are a quarter of 40, of which 20 are forgiven");
        Assert.AreEqual(0, owner.Spend(nowUs: 1_100_000, spentUs: 1_000, isScarce: true), "the time went on");
    }

    [TestMethod]
    public void Owners_TimeOfTheTurn_SharedOnlyWhereOthersWantItToo()
    {
        Owners owners = new(new GatewayLimits { SharePercentMax = 25 });
        Owner busy = owners.Of("busy", remote: null, ClientRole.Device);
        Owner other = owners.Of("other", remote: null, ClientRole.Device);
        long nowUs = 1_000_000;
        for (int i = 0; i < 200; i++, nowUs += 10_000)
            Assert.AreEqual(0, busy.Pay(nowUs, spentUs: 4_000), "40 % of the time, and nobody else wants it");

        int waitedMs = 0;
        for (int i = 0; i < 200; i++, nowUs += 10_000)
        {
            waitedMs += busy.Pay(nowUs, spentUs: 7_000);
            Assert.AreEqual(0, other.Pay(nowUs, spentUs: 2_000), "it has less than its share");
        }

        Assert.IsGreaterThan(0, waitedMs);
    }

    [TestMethod]
    public void Owners_OneTurnThatTookLong_NobodyPaysForIt()
    {
        Owners owners = new(new GatewayLimits { SharePercentMax = 25 });
        Owner boards = owners.Of("boards", remote: null, ClientRole.Device);
        Assert.AreEqual(0, boards.Pay(nowUs: 1_000_000, spentUs: 35_000), "the process stood still meanwhile, and nobody else wanted the time");
        Assert.AreEqual(0, boards.Pay(nowUs: 1_000_100, spentUs: 50), "those that waited behind it");
    }

    [TestMethod]
    public void Owners_StrangersOfManyAddresses_HaveNoMoreThanAUserAndTheNextFindsRoom()
    {
        Owners owners = new(new GatewayLimits { MemoryBytesMax = 64 * 1024 * 1024 });
        long quarter = owners[Good.Memory].Max / 4;
        for (byte i = 0; i < 100; i++)
        {
            Owner stranger = owners.At(new IPEndPoint(new IPAddress([10, 0, 0, i]), 1));
            for (int taken = 0; taken < 200 && stranger[Good.Memory].TryTake(64 * 1024); taken++)
            {
            }
        }

        Assert.IsLessThanOrEqualTo(quarter, owners[Good.Memory].Used);
        Assert.IsTrue(owners.At(new IPEndPoint(new IPAddress([10, 0, 1, 1]), 1))[Good.Memory].TryTake(MemoryCost.Connection), "a board that is new");
        Assert.IsTrue(owners.Of("board", remote: null, ClientRole.Device)[Good.Memory].TryTake(quarter / 2));
    }

    [TestMethod]
    public void Owners_LimitsChange_TheSharesChangeWithThemAndNothingIsTaken()
    {
        GatewayLimits limits = new() { RetainedMessagesMax = 100, SharePercentMax = 25 };
        Owners owners = new(limits);
        Owner ann = owners.Of("ann", remote: null, ClientRole.Device);
        Assert.IsTrue(ann[Good.RetainedMessages].TryTake(20));
        limits.RetainedMessagesMax = 40;
        owners.UseLimits();
        Assert.AreEqual((20L, 10L, 40L), (ann[Good.RetainedMessages].Used, ann[Good.RetainedMessages].Max, owners[Good.RetainedMessages].Max));
        Assert.IsFalse(ann[Good.RetainedMessages].TryTake(1));
        limits.RetainedMessagesMax = 400;
        owners.UseLimits();
        Assert.IsTrue(ann[Good.RetainedMessages].TryTake(80));
        Assert.IsTrue(owners.Restored[Good.RetainedMessages].TryTake(200));
    }
}
