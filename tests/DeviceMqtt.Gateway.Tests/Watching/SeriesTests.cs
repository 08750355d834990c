using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Live;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>Recent readings: each of the last hour, minutes before, and never more memory than they may have.</summary>
[TestClass]
public sealed class SeriesTests
{
    private const long Now = 1_800_000_000_000;

    [TestMethod]
    public void Add_LateReading_InItsPlace()
    {
        Series series = new("temp", new ReadingsBudget(1_000_000));
        series.Add(Now - 3000, 1, isLate: false, Now);
        series.Add(Now - 1000, 3, isLate: false, Now);

        series.Add(Now - 2000, 2, isLate: true, Now);

        Assert.AreEqual("1,2,3", string.Join(',', series.Between(0, Now).Select(static r => r.Mean)));
        Assert.IsTrue(series.Between(0, Now)[1].IsLate);
        Assert.AreEqual(3, series.Last, "a late one is not the newest");
    }

    // A clock that was a year ahead for one reading kept all that came after it from being the last one, and from being kept as a minute.
    [TestMethod]
    public void Add_ClockWasAYearAhead_WhatComesThenIsTheLastAndIsKept()
    {
        const long Year = 365L * 24 * 3_600_000;
        Series series = new("temp", new ReadingsBudget(1_000_000));
        series.Add(Now + Year, 99, isLate: false, Now + Year);
        series.Thin();
        series.Add(Now + Year + 1, 98, isLate: false, Now + Year + 1);

        series.Add(Now, 20, isLate: false, Now);
        Assert.AreEqual((20.0, Now), (series.Last, series.LastUnixMs));
        series.Add(Now + 1000, 21, isLate: false, Now + 1000);

        series.Add(Now + (2 * Series.RawMs), 22, isLate: false, Now + (2 * Series.RawMs));
        Assert.AreEqual("20.5,22", string.Join(',', series.Between(0, long.MaxValue).Select(static r => r.Mean.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [TestMethod]
    public void Stream_ClockWasAYearAhead_ItsLastTimeAndItsIntervalAreTrueAgain()
    {
        const long Year = 365L * 24 * 3_600_000;
        StreamEntry stream = new(new DeviceEntry("dm", "kitchen"), "climate");
        stream.Came(Now, isLate: false, Now);
        stream.Came(Now + 10_000, isLate: false, Now + 10_000);
        stream.Came(Now + Year, isLate: false, Now + Year);

        stream.Came(Now + 20_000, isLate: false, Now + 20_000);

        Assert.AreEqual((Now + 20_000, 10_000.0), (stream.LastUnixMs, stream.IntervalMs));
    }

    [TestMethod]
    public void Add_SameReadingTwice_CountsOnce()
    {
        Series series = new("temp", new ReadingsBudget(1_000_000));

        series.Add(Now, 20.5, isLate: false, Now);
        series.Add(Now, 20.5, isLate: false, Now);

        Assert.HasCount(1, series.Between(0, Now));
    }

    [TestMethod]
    public void Add_HourLater_OldOnesAreMinutes()
    {
        Series series = new("temp", new ReadingsBudget(1_000_000));
        for (int i = 0; i < 6; i++)
            series.Add(Now + (i * 10_000), i, isLate: false, Now + (i * 10_000));

        long later = Now + Series.RawMs + 60_000;
        series.Add(later, 9, isLate: false, later);

        List<Reading> all = series.Between(0, later);
        Reading minute = all[0];
        Assert.HasCount(2, all);
        Assert.AreEqual((0.0, 2.5, 5.0, 6), (minute.Min, minute.Mean, minute.Max, minute.Count));
    }

    [TestMethod]
    public void Add_DayLater_MinutesOfTheDayBeforeAreGone()
    {
        Series series = new("temp", new ReadingsBudget(1_000_000));
        series.Add(Now, 1, isLate: false, Now);
        long day = Now + Series.MinutesMs;

        series.Add(day + Series.RawMs, 2, isLate: false, day + Series.RawMs);
        series.Add(day + (2 * Series.RawMs) + 60_000, 3, isLate: false, day + (2 * Series.RawMs) + 60_000);

        Assert.AreEqual("2,3", string.Join(',', series.Between(0, long.MaxValue).Select(static r => r.Mean)));
    }

    [TestMethod]
    public void Budget_ManySeries_NeverMoreThanItMayHave()
    {
        const long BytesMax = 200_000;
        ReadingsBudget budget = new(BytesMax);
        List<Series> all = [.. Enumerable.Range(0, 50).Select(n => new Series($"m{n}", budget))];

        for (int second = 0; second < 3_000; second++)
            foreach (Series series in all)
                series.Add(Now + (second * 1000L), second % 30, isLate: false, Now + (second * 1000L));

        Assert.AreEqual(all.Sum(static s => s.Bytes), budget.Bytes, "the account is not what is there");
        Assert.IsLessThanOrEqualTo(BytesMax, budget.Bytes);
        Assert.IsGreaterThan(0, budget.Thinned);
        Assert.IsTrue(all.TrueForAll(static s => s.Between(Now + 2_990_000, long.MaxValue).Count > 0), "a series lost its newest readings");
    }

    // One that had a reading a minute took twice the memory behind being made thinner.
    [TestMethod]
    [DataRow(1_000, 1)]
    [DataRow(1_000, 3)]
    [DataRow(60_000, 60)]
    [DataRow(61_000, 7)]
    [DataRow(20_000, 500)]
    public void Thin_AgainAndAgain_SmallerEachTimeDownToTheNewestValue(int intervalMs, int count)
    {
        ReadingsBudget budget = new(1_000_000);
        Series series = new("temp", budget);
        for (int i = 0; i < count; i++)
            series.Add(Now + (i * (long)intervalMs), i, isLate: false, Now + (i * (long)intervalMs));

        while (series.Bytes > Series.LeastBytes)
        {
            long before = series.Bytes;
            series.Thin();
            Assert.IsLessThan(before, series.Bytes);
        }

        Assert.AreEqual(count - 1, series.Last);
        Assert.IsEmpty(series.Between(0, long.MaxValue));
    }

    [TestMethod]
    public void Budget_SeriesThatReportEachMinute_WithinTheBoundAtEachStep()
    {
        const long BytesMax = 100_000;
        ReadingsBudget budget = new(BytesMax);
        List<Series> all = [];
        for (int minute = 0; minute < 200; minute++)
        {
            for (int n = 0; n < 4 && budget.HasRoomForSeries; n++)
                all.Add(new Series("m", budget));
            foreach (Series series in all)
            {
                series.Add(Now + (minute * 60_000L), minute, isLate: false, Now + (minute * 60_000L));
                Assert.IsLessThanOrEqualTo(BytesMax, budget.Bytes);
            }

            Assert.AreEqual(all.Sum(static s => s.Bytes), budget.Bytes, "the account is not what is there");
        }

        Assert.IsTrue(all.TrueForAll(static s => s.Last == 199));
        Assert.IsGreaterThan(400, all.Count);
    }

    [TestMethod]
    public void Chart_MoreThanItsPixels_StepsWithLeastMeanGreatest()
    {
        List<Reading> readings = [.. Enumerable.Range(0, 100).Select(static i => new Reading(Now + (i * 1000), i, i, i, 1, i == 15))];

        List<double[]> lines = Chart.Of(readings, Chart.StepFor(100_000, 10));

        Assert.HasCount(10, lines);
        CollectionAssert.AreEqual(new double[] { Now + 15_000, 10, 14.5, 19, 10, 1 }, lines[1]);
    }
}
