namespace DeviceMqtt.Relay.Arriving;

/// <content>Which devices are here, for an upstream that is one of our gateways.</content>
internal sealed partial class UpstreamSubscriptions
{
    private readonly HashSet<string> _came = []; // filters of devices that have come here, which the upstream was not told yet
    private readonly HashSet<string> _gone = []; // filters of devices that have left while such a packet is on its way

    private bool IsTellingHere => _asked.Values.Any(static a => a.IsHere);

    /// <summary>A device has connected: the upstream may have seen it elsewhere since it was asked for.</summary>
    public void Came(string clientId)
    {
        if ((_output is not null && !_hasDeviceMarks) || !topics.Reaches(clientId))
            return;
        string filter = topics.P2PFilter(clientId);
        _ = _gone.Remove(filter);
        if (!_all.ContainsKey(filter) || !_came.Add(filter) || _output is null)
            return;
        _wanted.Enqueue(filter);
        Subscribe();
    }

    /// <summary>Its connection is gone.</summary>
    public void Left(string clientId)
    {
        if ((_came.Count == 0 && !IsTellingHere) || !topics.Reaches(clientId))
            return;
        string filter = topics.P2PFilter(clientId);
        _ = _came.Remove(filter);
        if (IsTellingHere && _all.ContainsKey(filter))
            _ = _gone.Add(filter);
    }

    private void IsHere(string filter)
    {
        _ = _gone.Remove(filter);
        _ = _came.Add(filter);
    }

    // The upstream has not heard of it, as far as anybody knows. A device that has left meanwhile may be elsewhere by now.
    private void NotTold(string filter)
    {
        if (_all.ContainsKey(filter) && !_gone.Contains(filter))
            _ = _came.Add(filter);
    }

    private void DetachHere()
    {
        foreach (string filter in _asked.Values.Where(static a => a.IsHere).SelectMany(static a => a.Filters))
            NotTold(filter);
        _asked.Clear();
        _gone.Clear();
    }
}
