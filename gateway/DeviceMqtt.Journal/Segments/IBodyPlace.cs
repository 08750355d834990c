namespace DeviceMqtt.Journal;

/// <summary>A frame or a segment: what Bodies lie in.</summary>
internal interface IBodyPlace
{
    /// <summary>Its number in the <see cref="BodyTable"/>, which alone sets it; 0 while no live Body lies in it.</summary>
    int PlaceNumber { get; set; }
}
