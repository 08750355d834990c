using DeviceMqtt.Gateway.Live;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What is made for pages is collected from a region's bytes on, and not where the runtime has just collected.</summary>
[TestClass]
public sealed class PageGarbageTests
{
    private int _collections;
    private long _made;
    private int _asked;

    [TestMethod]
    public void Look_LittleWasMade_NoCollection()
    {
        PageGarbage garbage = Make();
        garbage.Look();
        _made += PageGarbage.StepBytes - 1;
        garbage.Look();
        Assert.AreEqual(0, _asked);
    }

    [TestMethod]
    public void Look_ARegionWasMade_OneCollectionForEach()
    {
        PageGarbage garbage = Make();
        garbage.Look();
        for (int i = 1; i <= 3; i++)
        {
            _made += PageGarbage.StepBytes;
            garbage.Look();
            garbage.Look();
            Assert.AreEqual(i, _asked);
        }
    }

    [TestMethod]
    public void Look_TheRuntimeHasCollectedMeanwhile_CountsFromThereOn()
    {
        PageGarbage garbage = Make();
        garbage.Look();
        _made += PageGarbage.StepBytes;
        _collections++;
        garbage.Look();
        _made += PageGarbage.StepBytes - 1;
        garbage.Look();
        Assert.AreEqual(0, _asked);
        _made++;
        garbage.Look();
        Assert.AreEqual(1, _asked);
    }

    private PageGarbage Make() => new(() => _collections, () => _made, () =>
    {
        _asked++;
        _collections++;
    });
}
