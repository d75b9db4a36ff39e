"""smoke"""
def test_the_cast_is_there(cast):
    assert set(cast.viewers) == {"ines","omar","sol","ana","ben","gil","hana","cleo","dov","eva","finn"}

def test_sign_in(browser):
    b = browser("ana")
    assert b.get("/").status_code == 303
