<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <NamedLayer>
    <Name>$title</Name>
    <UserStyle>
      <FeatureTypeStyle>
        <Rule>
          <PolygonSymbolizer>
            <Stroke>
              <CssParameter name="stroke">$hex_color</CssParameter>
              <CssParameter name="stroke-width">$width_px</CssParameter>
            </Stroke>
          </PolygonSymbolizer>
        </Rule>
        <Rule>
          <MaxScaleDenominator>$from_scale</MaxScaleDenominator>
          <TextSymbolizer>
            <Label><ogc:PropertyName>$field</ogc:PropertyName></Label>
            <Font><CssParameter name="font-size">$size_pt</CssParameter></Font>
            <Fill><CssParameter name="fill">$hex_color</CssParameter></Fill>
          </TextSymbolizer>
        </Rule>
      </FeatureTypeStyle>
    </UserStyle>
  </NamedLayer>
</StyledLayerDescriptor>
