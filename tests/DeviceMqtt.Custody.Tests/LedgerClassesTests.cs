using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;

namespace DeviceMqtt.Custody.Tests;

/// <summary>The classes of the ledger are written down, since to look them up takes time at each start. They have to be all.</summary>
[TestClass]
internal sealed class LedgerClassesTests
{
    [TestMethod]
    public void Classes_AreThoseOfTheEnum()
    {
        CollectionAssert.AreEqual(Enum.GetValues<LedgerClass>(), Ledger.Classes);
        CollectionAssert.AreEqual(Enum.GetValues<LedgerClass>().Where(static each => each != LedgerClass.Volatile).ToArray(), Ledger.ClassesOnDisk);
    }
}
