using DeviceMqtt.Client;
using DeviceMqtt.Client.Reading;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>How far a command has come is told in order, whichever of acknowledgement and receipt was quicker.</summary>
[TestClass]
public sealed class PendingCommandTests
{
    [TestMethod]
    [DataRow(Receipt.Queued, CommandProgress.Queued)]
    [DataRow(Receipt.Relayed, CommandProgress.Relayed)]
    [DataRow(Receipt.Delivered, CommandProgress.Delivered)]
    public void Told_BeforeTheAcknowledgement_AcceptedIsToldFirstAndOnce(string receipt, CommandProgress step)
    {
        List<CommandProgress> told = [];
        PendingCommand pending = new("1", told.Add);

        pending.Told(new ReceiptText(receipt, "1", ""));
        pending.Tell(CommandProgress.Accepted);

        CollectionAssert.AreEqual((CommandProgress[])[CommandProgress.Accepted, step], told);
    }

    [TestMethod]
    public async Task Answered_BeforeTheAcknowledgement_AcceptedIsToldFirst()
    {
        List<CommandProgress> told = [];
        PendingCommand pending = new("1", told.Add);

        pending.Answered(new CommandAnswer(), "");
        pending.Tell(CommandProgress.Accepted);

        _ = await Patience.Within(pending.End, "the end");
        CollectionAssert.AreEqual((CommandProgress[])[CommandProgress.Accepted, CommandProgress.Answered], told);
    }

    // The acknowledgement is being told while the receipt comes, on another thread: the one waits for the other, and so does the end.
    [TestMethod]
    public async Task Told_WhileAcceptedIsBeingTold_InOrderAndTheEndIsLast()
    {
        using ManualResetEventSlim begun = new(), goOn = new();
        List<string> told = [];
        PendingCommand pending = new("1", step =>
        {
            if (step == CommandProgress.Accepted)
            {
                begun.Set();
                Assert.IsTrue(goOn.Wait(Patience.Limit));
            }

            lock (told)
                told.Add(step.ToString());
        });
        Task accepting = Task.Run(() => pending.Tell(CommandProgress.Accepted));
        Assert.IsTrue(begun.Wait(Patience.Limit));

        pending.Told(new ReceiptText(Receipt.Delivered, "1", ""));
        pending.Answered(new CommandAnswer(), "");
        Assert.IsFalse(pending.End.IsCompleted);
        goOn.Set();

        await Patience.Within(accepting, "the words");
        _ = await Patience.Within(pending.End, "the end");
        CollectionAssert.AreEqual((string[])["Accepted", "Delivered", "Answered"], told);
    }
}
