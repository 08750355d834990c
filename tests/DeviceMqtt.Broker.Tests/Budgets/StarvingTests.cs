using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Budgets;

/// <summary>Who waits for memory goes on when some is given back, by whatever way, and not only with the next beat.</summary>
[TestClass]
internal sealed class StarvingTests
{
    private sealed class Job : IJob
    {
        public int Runs { get; private set; }

        public bool Writes => false;

        public IPayer? Payer { get; init; }

        public string Name => "a job";

        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.OwnerEnded;

        public bool Run(Turn turn)
        {
            Runs++;
            return true;
        }
    }

    [TestMethod]
    [DataRow("give")]
    [DataRow("give all")]
    [DataRow("less is there than before")]
    [DataRow("nothing is there any more")]
    [DataRow("another has it")]
    public void Memory_GivenBack_TheOldestThatWaitsGoesOn(string how)
    {
        Turn turn = new(TimeProvider.System) { Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Account all = new(1_000);
        Account owner = new(1_000, all);
        Account queue = new(1_000, owner);
        Starving starving = new(all, turn);
        (Job first, Job second) = (new(), new());
        using (turn.Enter())
        {
            queue.Take(100);
            starving.Add(first);
            starving.Add(second);
            queue.Take(50);
        }

        Assert.AreEqual(0, first.Runs, "nothing was given back");
        List<Jobs> soon = [];
        turn.Jobs.RunSoon = soon.Add;
        using (turn.Enter())
        {
            switch (how)
            {
                case "give": queue.Give(10); break;
                case "give all": queue.GiveAll(); break;
                case "less is there than before": queue.Take(-10); break;
                case "nothing is there any more": queue.Take(-queue.Used); break;
                default: queue.Move(new Account(1_000, new Account(1_000))); break;
            }
        }

        Assert.HasCount(1, soon, "nobody goes on before the next beat");
        soon[0].Execute();
        Assert.AreEqual((1, 0), (first.Runs, second.Runs));
    }

    // A user whose Sessions have used up its own share stands in front of nobody.
    [TestMethod]
    public void Memory_GivenBack_EachUserHasItsTurn()
    {
        Turn turn = new(TimeProvider.System) { Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Account all = new(1_000);
        Starving starving = new(all, turn);
        Owners owners = new(new GatewayLimits());
        Owner many = owners.Of("many", remote: null, ClientRole.Device);
        Job board = new() { Payer = owners.Of("board", remote: null, ClientRole.Device) };
        using (turn.Enter())
        {
            all.Take(100);
            for (int i = 0; i < 100; i++)
                starving.Add(new Job { Payer = many });
            starving.Add(board);
        }

        for (int i = 0; i < 2; i++)
        {
            using (turn.Enter())
                all.Give(10);
        }

        Assert.AreEqual(1, board.Runs);
        Assert.AreEqual(99, starving.Count);
    }
}
